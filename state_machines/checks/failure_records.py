"""Checks of what is written down: every failure that is caught, and what becomes of the lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leeward.state_machines.analysis.state_graph import (
    StateScope,
    invoked_function,
    is_end,
    iterate_scopes,
    reachable_states,
    state_edges,
    task_parameters,
)
from leeward.state_machines.asl import FailState, ParallelState, PassState, State, StateMachine, TaskState
from leeward.state_machines.checks.machine_finding import MachineFinding

RUN_BEGIN_FUNCTION, RUN_END_FUNCTION, RECORD_FAILURE_FUNCTION, LOCK_ACQUIRE_FUNCTION = (
    "leeward-run-begin",
    "leeward-run-end",
    "leeward-record-failure",
    "leeward-lock-acquire",
)


def check_failures(machine: StateMachine) -> Iterator[MachineFinding]:
    """A failure that is caught and not written down never happened, for whoever reads the journal later. So before any
    other work is done, each Catch leads to a state that records; in a branch, to an end that hands the error on.

    Where recording itself failed, the run can only end: in a Fail that carries the error, or in the record of the end.
    """
    for scope in iterate_scopes(machine):
        following = {name: _successors(scope.states[name], ways) for name, ways in state_edges(scope.states).items()}
        for name, state in scope.states.items():
            if isinstance(state, TaskState | ParallelState):
                for target in dict.fromkeys(catcher.next for catcher in state.catch):
                    text = _explain_unrecorded(scope, state, target, following)
                    if text:
                        yield MachineFinding("failures", name, f"what is caught here and goes to {target!r} {text}")


def _explain_unrecorded(
    scope: StateScope, state: State, target: str, following: Mapping[str, frozenset[str]]
) -> str | None:
    if _counts_missed_poll(scope.states[target]):
        return None  # a look without an answer, to be followed by the next: not yet a failure
    may_end = invoked_function(state) in (RUN_BEGIN_FUNCTION, RUN_END_FUNCTION, RECORD_FAILURE_FUNCTION)
    if _waits_for_answer(state) and _sets_decision(scope.states[target]):
        return None  # silence, and what it means by the runbook's word: an answer
    for name in sorted(reachable_states(target, following, lambda n: _records_failure(scope.states[n]))):
        found = scope.states[name]
        if _records_failure(found):
            continue
        if is_end(found):
            if _returns_error(found) if scope.is_branch else may_end and _carries_error(found):
                continue
            return f"ends in {name!r} without a record"
        if isinstance(found, TaskState | ParallelState) and not may_end:
            return f"comes to {name!r} before it is written down"
    return None


def _successors(state: State, following: frozenset[str]) -> frozenset[str]:
    """Where a state leads when it does not fail: its own failures are checked by themselves."""
    if isinstance(state, TaskState | ParallelState):
        return frozenset({state.next} if state.next is not None else ())
    return following


def _records_failure(state: State) -> bool:
    return invoked_function(state) == RECORD_FAILURE_FUNCTION or (
        invoked_function(state) == RUN_END_FUNCTION and task_parameters(state).get("outcome") == "failed"
    )


def _returns_error(state: State) -> bool:
    """The end of a branch that says how it failed."""
    return (
        isinstance(state, PassState)
        and state.parameters.get("outcome") in ("failed", "unforeseen")
        and {"error.$", "cause.$"} <= set(state.parameters)
    )


def _waits_for_answer(state: State) -> bool:
    return isinstance(state, TaskState) and state.resource.endswith(".waitForTaskToken")


def _sets_decision(state: State) -> bool:
    return isinstance(state, PassState) and state.result_path == "$.decision"


def _counts_missed_poll(state: State) -> bool:
    """A missed look; that its count has a limit is the concern of `loops`."""
    return isinstance(state, PassState) and state.result_path == "$.look" and "missed.$" in state.parameters


def _carries_error(state: State) -> bool:
    return isinstance(state, FailState) and ("$" in state.error or "States." in state.error)


def check_lock(machine: StateMachine) -> Iterator[MachineFinding]:
    """A lock that is held by a run that is over stops every later one. So from where it is taken, every path goes
    through the record of the end, which releases it or tells a person that it is kept. Where even that fails, so must
    the execution, at that task: it says that the lock may be held, and redriven it is tried again."""
    scope = next(iterate_scopes(machine))
    following = state_edges(scope.states)
    for name, state in scope.states.items():
        if invoked_function(state) != LOCK_ACQUIRE_FUNCTION:
            continue
        unended = reachable_states(name, following, lambda n: invoked_function(scope.states[n]) == RUN_END_FUNCTION)
        for end in sorted(n for n in unended if is_end(scope.states[n])):
            yield MachineFinding("lock", end, "a run that took the lock can end here, and nothing releases it")
        for recorder in sorted(n for n in unended if invoked_function(scope.states[n]) == RUN_END_FUNCTION):
            yield from _find_unreleased(recorder, scope.states)


def _find_unreleased(recorder: str, states: Mapping[str, State]) -> Iterator[MachineFinding]:
    state = states[recorder]
    assert isinstance(state, TaskState)
    if "keep_lock" not in task_parameters(state):
        yield MachineFinding("lock", recorder, "does not say whether the lock is released or kept")
    for catcher in state.catch:
        yield MachineFinding(
            "lock", recorder, f"fails into {catcher.next!r}: redriven, the run would not record its end"
        )
