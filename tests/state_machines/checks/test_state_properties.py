"""What holds of every state of every machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from leeward.state_machines.analysis.state_graph import invoked_function
from leeward.state_machines.asl import (
    ChoiceState,
    Comparison,
    FailState,
    PassState,
    State,
    SucceedState,
    TaskState,
    WaitState,
    next_states,
)
from leeward.state_machines.asl.choice_rules import AnyOf, ChoiceRule
from leeward.state_machines.checks.behavior.interpreter.execution import find_catch_target
from leeward.state_machines.checks.failure_records import RUN_END_FUNCTION
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from tests.state_machines.checks.retry_decisions import is_retried
from tests.state_machines.conftest import every_machine
from tests.support.nonempty import nonempty

MACHINES = every_machine()
pytestmark = pytest.mark.parametrize("compiled", MACHINES, ids=lambda c: f"{c.application}-{c.runbook}")


def states(compiled: CompiledRunbook) -> Iterator[tuple[str, State]]:
    yield from compiled.machine.states.items()


def is_end(state: State) -> bool:
    return isinstance(state, SucceedState | FailState) or getattr(state, "next", "") is None


def test_every_target_exists(compiled: CompiledRunbook) -> None:
    found = compiled.machine.states
    for name, state in nonempty(found.items()):
        assert set(next_states(state)) <= set(found), name


def test_every_state_is_reachable(compiled: CompiledRunbook) -> None:
    start, found = compiled.machine.start_at, compiled.machine.states
    seen, ahead = {start}, [start]
    while ahead:
        new = set(next_states(found[ahead.pop()])) - seen
        seen |= new
        ahead += new
    assert seen == set(found)


def test_every_state_can_reach_an_end(compiled: CompiledRunbook) -> None:
    found = compiled.machine.states
    ending = {name for name, state in found.items() if is_end(state)}
    grown = True
    while grown:
        more = {name for name, state in found.items() if set(next_states(state)) & ending} - ending
        ending |= more
        grown = bool(more)
    assert ending == set(found)


def is_stop(state: TaskState) -> bool:
    return str(state.parameters["FunctionName"]).endswith("-run-stop")


def test_machine_ends_only_in_succeed_or_fail(compiled: CompiledRunbook) -> None:
    for name, state in nonempty(compiled.machine.states.items()):
        assert not is_end(state) or isinstance(state, SucceedState | FailState), name


def test_state_names_are_unique_and_within_limit(compiled: CompiledRunbook) -> None:
    found = [name for name, _ in states(compiled)]
    assert len(found) == len(set(found))
    assert [name for name in found if not 0 < len(name) <= 80] == []


def test_every_task_has_a_timeout_retries_and_catches(compiled: CompiledRunbook) -> None:
    for name, state in nonempty(states(compiled)):
        if isinstance(state, TaskState):
            assert state.timeout_seconds > 0, name
            if is_stop(state) or invoked_function(state) == RUN_END_FUNCTION:  # its failure is the run's own end
                assert (state.catch, bool(state.retry)) == ((), True), name
                continue
            assert state.retry or len(state.catch) == 3, name  # of a look the next look is the retry
            assert state.catch[-1].errors == ("States.ALL",), name
            assert all("States.ALL" not in catcher.errors for catcher in state.catch[:-1]), name


def test_every_retry_grows_with_jitter(compiled: CompiledRunbook) -> None:
    # nobody could make good later for these
    most = {"leeward-run-begin": 30, "leeward-run-end": 50, "leeward-record-failure": 24}
    for name, state in nonempty(states(compiled)):
        if isinstance(state, TaskState):
            for retrier in state.retry:
                assert 0 <= retrier.max_attempts <= most.get(invoked_function(state) or "", 5), name
                assert retrier.jitter == "FULL", name
                assert isinstance(retrier.backoff_rate, float), name


def test_question_timeout_is_not_retried(compiled: CompiledRunbook) -> None:
    for name, state in nonempty(states(compiled)):
        if isinstance(state, TaskState) and state.resource.endswith("waitForTaskToken"):
            assert not is_retried(state, "States.Timeout"), name
            if not is_stop(state):
                silent = compiled.machine.states[find_catch_target(state, "States.Timeout") or ""]
                assert isinstance(silent, PassState), "no answer means what the runbook says"
                assert silent.result_path in ("$.decision", "$.error"), name


def test_every_poll_loop_handles_failure_and_timeout(compiled: CompiledRunbook) -> None:
    found = compiled.machine.states
    for name, state in nonempty(found.items()):
        if not isinstance(state, WaitState) or not isinstance(state.seconds, str):
            continue
        look = found[str(state.next)]
        assert isinstance(look, TaskState), name
        unexpected, permanent, other = look.catch
        assert [unexpected.next, permanent.next] == [c.next for c in first(found, look).catch], name
        decide = found[str(look.next)]
        assert isinstance(decide, ChoiceState), name
        assert decide.default == name
        *done, (missed, failed), (late, timed_out) = decide.choices
        assert 1 <= len(done) <= 2, name
        assert done[-1][0] == Comparison("$.look.status", "done"), name
        assert missed == Comparison("$.look.missed", 6, "GreaterThanEquals"), name
        assert failed == permanent.next, "too many looks without an answer are a failure"
        assert found[other.next].next == look.next, "a missed look is followed by the next"  # type: ignore[union-attr]
        assert _bounds(late) == {"$.look.elapsed_seconds", "$.look.attempt"}, name
        verdict = found[timed_out]
        assert isinstance(verdict, PassState), name
        assert verdict.parameters["Error"] == "TimedOut", name
        assert verdict.next == permanent.next, "timed out and failed are the same failure"


def first(found: Mapping[str, State], look: TaskState) -> TaskState:
    """The call that begins the wait."""
    (act,) = [s for s in found.values() if isinstance(s, TaskState) and s.next == look.next and s is not look]
    return act


def _bounds(rule: ChoiceRule) -> set[str]:
    assert isinstance(rule, AnyOf)
    return {part.variable for part in rule.rules if isinstance(part, Comparison)}


def test_states_are_readable_in_the_console(compiled: CompiledRunbook) -> None:
    for name, state in nonempty(compiled.machine.states.items()):
        assert state.comment, name


_FRAME = ("Begin", "Say why", "Refused", "Could not", "Record", "Done", "Stopped", "Is anything left", "Go on")


def test_every_step_state_is_in_step_info(compiled: CompiledRunbook) -> None:
    claimed = [
        name for step in compiled.steps for name in (*step.states, *step.undo_states, *filter(None, [step.gate]))
    ]
    assert len(claimed) == len(set(claimed))
    frame = {name for name, _ in states(compiled)} - set(claimed)
    assert all(name.startswith(_FRAME) for name in nonempty(frame))
    assert all(step.states[0] == step.name for step in nonempty(compiled.steps))
