"""The scenarios of one document: what can happen to each call, question, poll, and rollback of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leeward.state_machines.asl import AllOf, AnyOf, ChoiceRule, ChoiceState, Comparison, State
from leeward.state_machines.checks.behavior.interpreter.data_paths import Data
from leeward.state_machines.checks.behavior.interpreter.execution import Call
from leeward.state_machines.checks.behavior.scenarios.error_classes import representative_errors
from leeward.state_machines.checks.behavior.scenarios.scripted_results import CallKey, Change, Raises, Returns
from leeward.state_machines.checks.expectations import task_names as tasks
from leeward.state_machines.checks.expectations.expected_steps import ExpectedStep
from leeward.state_machines.fields.failure_policy import OnFailure

# An error that a policy handles, and one that no policy may continue after.
FAILURE, DEFECT = "NotFound", "UnexpectedError"
_PLAIN: tuple[None, ...] = (None,)


@dataclass(frozen=True, slots=True)
class RunScenario:
    """What happens, in words, and the calls that it changes. It starts at `step`, or at the begin of the run.

    A rollback is only played to its end if `is_whole`.
    """

    text: str
    changes: tuple[Change, ...] = ()
    step: int | None = None
    is_whole: bool = False


def call_failures(key: CallKey, machine: Call, model: Call, step: int | None) -> Iterator[RunScenario]:
    """Yield the failures of one call: each class of errors, once and every time."""
    for error in representative_errors(machine.task, model.task):
        for often, results in (("once", (Raises(error), *_PLAIN)), ("every time", (Raises(error),))):
            yield RunScenario(f"{machine.state} fails {often} with {error}", (Change(key, results),), step)


def poll_limits(key: CallKey, call: Call, states: Sequence[State], step: int) -> Iterator[RunScenario]:
    """Yield the polls just before and at each limit that the step's own states have."""
    for member, limit in sorted(_limits(states)):
        for value in (limit - 1, limit):
            results = (Returns({"status": "waiting", member: value}), *_PLAIN)
            yield RunScenario(f"{call.state} finds {member} at {value}", (Change(key, results),), step)


def _limits(states: Sequence[State]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for state in states:
        if isinstance(state, ChoiceState):
            for rule, _ in state.choices:
                found |= {
                    (one.variable.removeprefix("$.look."), one.value)
                    for one in _comparisons(rule)
                    if one.variable in ("$.look.attempt", "$.look.elapsed_seconds") and type(one.value) is int
                }
    return found


def _comparisons(rule: ChoiceRule) -> Iterator[Comparison]:
    if isinstance(rule, Comparison):
        yield rule
    elif isinstance(rule, AllOf | AnyOf):
        for inner in rule.rules:
            yield from _comparisons(inner)


def approval_answers(key: CallKey, call: Call, step: int) -> Iterator[RunScenario]:
    """Yield the answers to a step's own question."""
    answers: dict[str, dict[str, Data]] = {
        "rejected": {"decision": "reject"},
        "rejected without a name": {"decision": "reject", "by": None},
        "answered with a word that it doesn't know": {"decision": "yes"},
    }
    for name, members in answers.items():
        yield RunScenario(f"{call.state} is {name}", (Change(key, (Returns(members),)),), step)


def step_failures(key: CallKey, index: int, step: ExpectedStep) -> Iterator[RunScenario]:
    """Yield what can follow the failure of a step, whose first call has `key`: answers, and records that fail."""
    failing = Change(key, (Raises(FAILURE),))
    once = Change(key, (Raises(FAILURE),) * (1 + step.policy.retry) + _PLAIN)
    record = (tasks.RECORD_FAILURE, step.id, False, "", False)
    for error in (FAILURE, DEFECT):
        yield RunScenario(
            f"the failure of {step.model.name} can't be recorded ({error})",
            (failing, Change(record, (Raises(error),))),
            index,
        )
    if step.policy.then is OnFailure.ASK:
        ask = (tasks.ASK, step.id, False, "", False)
        for decision in ("retry", "skip", "abort", "yes"):
            yield RunScenario(
                f"{step.model.name} fails, and an operator answers {decision}",
                (once, Change(ask, (Returns({"decision": decision}),))),
                index,
            )


def frame_failures(calls: Sequence[tuple[CallKey, Call]], steps: Sequence[ExpectedStep]) -> Iterator[RunScenario]:
    """Yield the failures of the record of the end, and the redrive at each step. `calls` are the first ones of the
    steps that have any.
    """
    end, stop = ((name, "None", False, "", False) for name in (tasks.RUN_END, tasks.RUN_STOP))
    by_id = {step.id: index for index, step in enumerate(steps)}
    for key, call in calls:
        index = by_id[key[1]]
        redriven = Returns({}), Raises("Stopped")
        attempts = Returns({step.id: 3 + number for number, step in enumerate(steps)})
        defect = Change(key, (Raises(DEFECT), None))
        yield RunScenario(
            f"{call.state} fails with {DEFECT}, and the run is redriven", (defect, Change(stop, redriven)), index
        )
        yield RunScenario(
            f"{call.state} fails with {FAILURE}, and the run is redriven with other attempts",
            (
                Change(key, (Raises(FAILURE),) * (1 + steps[index].policy.retry) + _PLAIN),
                Change(stop, (attempts, Raises("Stopped"))),
            ),
            index,
        )
        yield RunScenario(
            f"{call.state} fails with {DEFECT}, and the end can't be recorded",
            (defect, Change(end, (Raises(FAILURE),))),
            index,
        )
        nowhere = Change((tasks.RECORD_FAILURE, steps[index].id, False, "", False), (Returns({"step": "nowhere"}),))
        yield RunScenario(
            f"{call.state} fails, and the run is redriven at a step that doesn't exist",
            (Change(key, (Raises(FAILURE),)), nowhere, Change(stop, redriven)),
            index,
        )
    yield RunScenario("the end can't be recorded", (Change(end, (Raises(FAILURE),)),))
