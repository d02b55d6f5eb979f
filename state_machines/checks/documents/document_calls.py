"""Checks each call against the document: the function, what is passed to it, how often it is retried, and how long it
may take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leeward.state_machines.analysis.state_graph import invoked_function, task_payload
from leeward.state_machines.asl import StateMachine, TaskState
from leeward.state_machines.checks.expectations import task_names
from leeward.state_machines.checks.expectations.expected_steps import MachineDocuments, canonical, expected_steps
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.diagnostics.problems import did_you_mean
from leeward.state_machines.fragments.lambda_tasks import (
    CALL_TIMEOUT_SECONDS,
    INVOKE_AND_WAIT_RESOURCE,
    INVOKE_RESOURCE,
)

# What the end of a run, and the report of it, need to know about a failure.
_RECORDED_FAILURE = {f"{member}.$": f"$.Payload.{member}" for member in ("step", "error", "cause")}


def check_functions(machine: StateMachine, documents: MachineDocuments) -> Iterator[MachineFinding]:
    """Yield the calls of functions that the runbook doesn't call. A function is invoked, and its result awaited."""
    known = {invoked_function(task) for step in expected_steps(documents) for task in step.tasks}
    names = {*task_names.FRAME_FUNCTIONS, *(name for name in known if name)}
    for name, state in _tasks(machine):
        function = invoked_function(state)
        if function not in names:
            hint = did_you_mean(function, names)
            yield MachineFinding(
                "functions", name, f"calls {function}, which no step of the runbook calls{f': {hint}' if hint else ''}"
            )
        waits = "token.$" in task_payload(state)
        if state.resource != (INVOKE_AND_WAIT_RESOURCE if waits else INVOKE_RESOURCE):
            way = "wait for its answer" if waits else "wait for its result"
            yield MachineFinding("functions", name, f"calls {function} with {state.resource}, which doesn't {way}")


def check_calls(machine: StateMachine, documents: MachineDocuments) -> Iterator[MachineFinding]:
    """Yield the calls that pass something other than the runbook says. A step's missing call is one too."""
    found = {canonical(state.parameters) for _, state in _tasks(machine)}
    by_id = {step.id: step for step in expected_steps(documents)}
    names_by_step: dict[str, str] = {}
    for name, state in _tasks(machine):
        if invoked_function(state) in task_names.FRAME_FUNCTIONS:
            continue
        identity = task_payload(state).get("step")
        step = by_id.get(str(identity.get("id"))) if isinstance(identity, Mapping) else None
        if step is None:
            yield MachineFinding("calls", name, "belongs to no step of the runbook")
            continue
        names_by_step.setdefault(step.id, name)
        if canonical(state.parameters) not in {canonical(task.parameters) for task in step.tasks}:
            text = f"passes something else than the step {step.model.name!r} of the runbook"
            yield MachineFinding("calls", name, text + _explain(state, step.tasks))
    for step in by_id.values():
        missing = [task for task in step.tasks if canonical(task.parameters) not in found]
        # A rollback that no policy of the runbook starts is not compiled.
        missing = [task for task in missing if not _is_undo(task)]
        if missing:
            functions = ", ".join(sorted({invoked_function(task) or "" for task in missing}))
            name = names_by_step.get(step.id, machine.start_at)
            yield MachineFinding("calls", name, f"the step {step.model.name!r} lacks a call of {functions}")


def _explain(state: TaskState, tasks: tuple[TaskState, ...]) -> str:
    """Return the first member that differs from the step's most similar call."""
    best: list[str] | None = None
    for task in tasks:
        if invoked_function(task) != invoked_function(state):
            continue
        differences = list(_differences(state.parameters, task.parameters, ""))
        best = differences if best is None or len(differences) < len(best) else best
    return f": {best[0]}" if best else ""


def _differences(found: object, meant: object, place: str) -> Iterator[str]:
    if isinstance(found, Mapping) and isinstance(meant, Mapping):
        for key in dict.fromkeys((*found, *meant)):
            yield from _differences(found.get(key), meant.get(key), f"{place}.{key}".lstrip("."))
    elif canonical(found) != canonical(meant):
        yield f"{place} is {canonical(found):.120}, not {canonical(meant):.120}"


def _is_undo(task: TaskState) -> bool:
    identity = task_payload(task).get("step")
    return isinstance(identity, Mapping) and identity.get("undo") is True


def check_handling(machine: StateMachine, documents: MachineDocuments) -> Iterator[MachineFinding]:
    """Yield the calls whose time limit, retries, or caught errors are not the step's."""
    expected = {canonical(task.parameters): task for step in expected_steps(documents) for task in step.tasks}
    for name, state in _tasks(machine):
        task = expected.get(canonical(state.parameters))
        seconds = _frame_seconds(state) if task is None else task.timeout_seconds
        if seconds is not None and state.timeout_seconds != seconds:
            yield MachineFinding("handling", name, f"may take {state.timeout_seconds} s, not {seconds} s")
        records = invoked_function(state) == task_names.RECORD_FAILURE and state.result_path == "$.failure"
        if records and state.result_selector != _RECORDED_FAILURE:
            yield MachineFinding("handling", name, "doesn't keep the step, the error, and the cause of a failure")
        if task is not None and state.retry != task.retry:
            yield MachineFinding("handling", name, "is retried in another way than the step's kind says")
        if task is not None and [one.errors for one in state.catch] != [one.errors for one in task.catch]:
            yield MachineFinding("handling", name, "tells errors apart in another way than the step's kind says")


def _frame_seconds(state: TaskState) -> int | None:
    match invoked_function(state):
        case task_names.ASK:
            return task_names.ANSWER_SECONDS
        case function if function in task_names.FRAME_FUNCTIONS:
            return CALL_TIMEOUT_SECONDS
        case _:
            return None  # `calls` reports it


def _tasks(machine: StateMachine) -> Iterator[tuple[str, TaskState]]:
    for name, state in machine.states.items():
        if isinstance(state, TaskState):
            yield name, state
