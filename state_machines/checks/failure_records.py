"""Checks that every caught failure is recorded and that every run that acquires the lock releases it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leeward.state_machines.analysis.state_graph import (
    invoked_function,
    is_end,
    reachable_states,
    state_edges,
    task_parameters,
)
from leeward.state_machines.asl import FailState, PassState, State, StateMachine, TaskState
from leeward.state_machines.checks.findings.machine_finding import MachineFinding

RUN_BEGIN_FUNCTION, RUN_END_FUNCTION, RECORD_FAILURE_FUNCTION, LOCK_ACQUIRE_FUNCTION = (
    "leeward-run-begin",
    "leeward-run-end",
    "leeward-record-failure",
    "leeward-lock-acquire",
)


def check_failures(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the Catch targets that don't lead to a record of the failure before other work is done.

    The journal must show every failure that was caught. If recording fails, the run can only end: in a Fail state that
    carries the error, or in the record of the end.
    """
    following = {name: _successors(machine.states[name], edges) for name, edges in state_edges(machine.states).items()}
    for name, state in machine.states.items():
        if isinstance(state, TaskState):
            for target in dict.fromkeys(catcher.next for catcher in state.catch):
                text = _explain_unrecorded(machine.states, state, target, following)
                if text:
                    yield MachineFinding(
                        "failures", name, f"the error that is caught here goes to {target!r} and {text}"
                    )


def _explain_unrecorded(
    states: Mapping[str, State], state: State, target: str, following: Mapping[str, frozenset[str]]
) -> str | None:
    if _counts_missed_poll(states[target]):
        return None  # a failed poll, which the next poll follows, is not a failure yet
    may_end = invoked_function(state) in (RUN_BEGIN_FUNCTION, RUN_END_FUNCTION, RECORD_FAILURE_FUNCTION)
    if _waits_for_answer(state) and _sets_decision(states[target]):
        return None  # no answer arrived, and the runbook defines what that means
    for name in sorted(reachable_states(target, following, lambda n: _records_failure(states[n]))):
        reached = states[name]
        if _records_failure(reached):
            continue
        if is_end(reached):
            if may_end and _carries_error(reached):
                continue
            return f"ends in {name!r} without a record"
        if isinstance(reached, TaskState) and not may_end:
            return f"reaches {name!r} before it is recorded"
    return None


def _successors(state: State, following: frozenset[str]) -> frozenset[str]:
    """Return the states that follow when the state doesn't fail. Its failures are checked separately."""
    if isinstance(state, TaskState):
        return frozenset({state.next} if state.next is not None else ())
    return following


def _records_failure(state: State) -> bool:
    return invoked_function(state) == RECORD_FAILURE_FUNCTION or (
        invoked_function(state) == RUN_END_FUNCTION and task_parameters(state).get("outcome") == "failed"
    )


def _waits_for_answer(state: State) -> bool:
    return isinstance(state, TaskState) and state.resource.endswith(".waitForTaskToken")


def _sets_decision(state: State) -> bool:
    return isinstance(state, PassState) and state.result_path == "$.decision"


def _counts_missed_poll(state: State) -> bool:
    """Return whether the state counts a failed poll. The `loops` check verifies that the count has a limit."""
    return isinstance(state, PassState) and state.result_path == "$.look" and "missed.$" in state.parameters


def _carries_error(state: State) -> bool:
    return isinstance(state, FailState) and ("$" in state.error or "States." in state.error)


def check_lock(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the ways a run that acquired the lock can end without recording its end.

    A lock that is still held after its run has ended blocks every later run. The record of the end releases the lock,
    or reports that it is kept. If that task fails, the execution must fail at that task. A redrive then retries it.
    """
    following = state_edges(machine.states)
    for name, state in machine.states.items():
        if invoked_function(state) != LOCK_ACQUIRE_FUNCTION:
            continue
        unended = reachable_states(name, following, lambda n: invoked_function(machine.states[n]) == RUN_END_FUNCTION)
        for end in sorted(n for n in unended if is_end(machine.states[n])):
            yield MachineFinding("lock", end, "a run that took the lock can end here without releasing it")
        for recorder in sorted(n for n in unended if invoked_function(machine.states[n]) == RUN_END_FUNCTION):
            yield from _find_unreleased(recorder, machine.states)


def _find_unreleased(recorder: str, states: Mapping[str, State]) -> Iterator[MachineFinding]:
    state = states[recorder]
    assert isinstance(state, TaskState)
    if "keep_lock" not in task_parameters(state):
        yield MachineFinding("lock", recorder, "does not say whether the lock is released or kept")
    for catcher in state.catch:
        yield MachineFinding(
            "lock", recorder, f"fails into {catcher.next!r}: after a redrive, the run would not record its end"
        )
