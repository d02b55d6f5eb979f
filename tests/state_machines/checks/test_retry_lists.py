"""A task is retried after every error that can pass, whatever its name, and not after one that lasts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leeward.common.errors import Halting, Permanent, Transient, leaf_error_names
from leeward.state_machines.analysis.state_graph import invoked_function, task_payload
from leeward.state_machines.asl import TaskState
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from tests.state_machines.checks.retry_decisions import is_retried
from tests.state_machines.conftest import compiled_failover, every_machine
from tests.support.nonempty import nonempty
from tests.twin.engine.machines import PASS, catch_clause, machine, open_engine, start_execution, states_entered, task

MACHINES = every_machine()
# Names that AWS may report, now or later. The first three are in no list of this repository.
PASSING = ("Lambda.ColdStartException", "Sandbox.Gone", "Runtime.NoMemory", "States.TaskFailed", "Lambda.Unknown")
LASTING = tuple(leaf_error_names(Permanent))
HALTING = (*leaf_error_names(Halting), "States.ParameterPathFailure", "States.IntrinsicFailure")
FRAME = ("leeward-run-begin", "leeward-run-end")

for_each_machine = pytest.mark.parametrize("compiled", MACHINES, ids=lambda c: f"{c.application}-{c.runbook}")


def tasks(compiled: CompiledRunbook) -> Iterator[tuple[str, str, TaskState]]:
    """Leeward's tasks, without the last one of a failed run, which fails on purpose."""
    for name, state in compiled.machine.states.items():
        function = invoked_function(state) or ""
        if isinstance(state, TaskState) and function.startswith("leeward-") and function != "leeward-run-stop":
            yield name, function, state


def is_look(state: TaskState) -> bool:
    poll = task_payload(state).get("poll")
    return isinstance(poll, dict) and "attempt.$" in poll


@for_each_machine
def test_task_is_retried_after_errors_of_any_name(compiled: CompiledRunbook) -> None:
    for name, _, state in nonempty(tasks(compiled)):
        if is_look(state):
            assert state.retry == (), "another look follows"
            continue
        passing = (*PASSING, *leaf_error_names(Transient))
        assert [error for error in passing if not is_retried(state, error)] == [], name
        assert is_retried(state, "States.Timeout") is not state.resource.endswith(".waitForTaskToken"), name


@for_each_machine
def test_task_is_not_retried_after_lasting_errors(compiled: CompiledRunbook) -> None:
    for name, function, state in nonempty(tasks(compiled)):
        assert [error for error in LASTING if is_retried(state, error)] == [], name
        # The begin and the end of a run are also retried after defects, because no policy can ask what to do.
        assert [error for error in HALTING if is_retried(state, error)] == (
            list(HALTING) if function in FRAME else []
        ), name


@for_each_machine
def test_only_the_last_retrier_lists_all_errors_and_nothing_else(compiled: CompiledRunbook) -> None:
    for name, _, state in nonempty(tasks(compiled)):
        for retrier in state.retry[:-1]:
            assert "States.ALL" not in retrier.errors, name
        assert is_look(state) or state.retry[-1].errors == ("States.ALL",), name


class ColdStartException(Exception):
    pass


class LaunchFailed(Exception):
    pass


@pytest.mark.parametrize(("error", "calls", "end"), [(ColdStartException, 3, "Next"), (LaunchFailed, 1, "Caught")])
def test_engine_retries_as_the_lists_say(error: type[Exception], calls: int, end: str) -> None:
    """`MaxAttempts: 0` followed by States.ALL, in the engine that rehearsals use."""
    retry = compiled_failover().definition["States"]["Recover the servers"]["Retry"]
    called: list[Any] = []

    def recover(event: Any, _context: Any) -> Any:
        called.append(event)
        if len(called) < 3:
            raise error("not now")
        return event

    definition = machine(
        "Recover",
        Recover=task("recover", Retry=retry, Catch=catch_clause("States.ALL", then="Caught"), Next="Next"),
        Caught=PASS,
        Next=PASS,
    )
    with open_engine({"recover": recover}) as opened:
        execution = start_execution(opened, definition)
        opened.wait_for_execution(execution)
        assert states_entered(opened, execution) == ["Recover", end]
    assert len(called) == calls
