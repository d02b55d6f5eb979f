"""Checks of what is written down: every failure that is caught, and what becomes of the lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leeward.state_machines.asl import Fail, Machine, Parallel, Pass, State, Task
from leeward.state_machines.checks.finding import Finding
from leeward.state_machines.checks.graph import Scope, edges, function_of, is_end, parameters_of, reached, scopes

BEGIN, END, RECORD, LOCK = "leeward-run-begin", "leeward-run-end", "leeward-record-failure", "leeward-lock-acquire"


def failures(machine: Machine) -> Iterator[Finding]:
    """A failure that is caught and not written down never happened, for whoever reads the journal later. So before any
    other work is done, each Catch leads to a state that records; in a branch, to an end that hands the error on.

    Where recording itself failed, the run can only end: in a Fail that carries the error, or in the record of the end.
    """
    for scope in scopes(machine):
        following = {name: _onward(scope.states[name], ways) for name, ways in edges(scope.states).items()}
        for name, state in scope.states.items():
            if isinstance(state, Task | Parallel):
                for target in dict.fromkeys(catcher.next for catcher in state.catch):
                    text = _unrecorded(scope, state, target, following)
                    if text:
                        yield Finding("failures", name, f"what is caught here and goes to {target!r} {text}")


def _unrecorded(scope: Scope, state: State, target: str, following: Mapping[str, frozenset[str]]) -> str | None:
    if _counts(scope.states[target]):
        return None  # a look without an answer, to be followed by the next: not yet a failure
    may_end = function_of(state) in (BEGIN, END, RECORD)
    if _asks(state) and _decides(scope.states[target]):
        return None  # silence, and what it means by the runbook's word: an answer
    for name in sorted(reached(target, following, lambda n: _records(scope.states[n]))):
        found = scope.states[name]
        if _records(found):
            continue
        if is_end(found):
            if _hands_on(found) if scope.branch else may_end and _tells(found):
                continue
            return f"ends in {name!r} without a record"
        if isinstance(found, Task | Parallel) and not may_end:
            return f"comes to {name!r} before it is written down"
    return None


def _onward(state: State, following: frozenset[str]) -> frozenset[str]:
    """Where a state leads when it does not fail: its own failures are checked by themselves."""
    if isinstance(state, Task | Parallel):
        return frozenset({state.next} if state.next is not None else ())
    return following


def _records(state: State) -> bool:
    return function_of(state) == RECORD or (
        function_of(state) == END and parameters_of(state).get("outcome") == "failed"
    )


def _hands_on(state: State) -> bool:
    """The end of a branch that says how it failed."""
    return (
        isinstance(state, Pass)
        and state.parameters.get("outcome") in ("failed", "unforeseen")
        and {"error.$", "cause.$"} <= set(state.parameters)
    )


def _asks(state: State) -> bool:
    return isinstance(state, Task) and state.resource.endswith(".waitForTaskToken")


def _decides(state: State) -> bool:
    return isinstance(state, Pass) and state.result_path == "$.decision"


def _counts(state: State) -> bool:
    """A missed look; that its count has a limit is the concern of `loops`."""
    return isinstance(state, Pass) and state.result_path == "$.look" and "missed.$" in state.parameters


def _tells(state: State) -> bool:
    return isinstance(state, Fail) and ("$" in state.error or "States." in state.error)


def lock(machine: Machine) -> Iterator[Finding]:
    """A lock that is held by a run that is over stops every later one. So from where it is taken, every path goes
    through the record of the end, which releases it or tells a person that it is kept. Where even that fails, so must
    the execution, at that task: it says that the lock may be held, and redriven it is tried again."""
    scope = next(scopes(machine))
    following = edges(scope.states)
    for name, state in scope.states.items():
        if function_of(state) != LOCK:
            continue
        unended = reached(name, following, lambda n: function_of(scope.states[n]) == END)
        for end in sorted(n for n in unended if is_end(scope.states[n])):
            yield Finding("lock", end, "a run that took the lock can end here, and nothing releases it")
        for recorder in sorted(n for n in unended if function_of(scope.states[n]) == END):
            yield from _unreleased(recorder, scope.states)


def _unreleased(recorder: str, states: Mapping[str, State]) -> Iterator[Finding]:
    state = states[recorder]
    assert isinstance(state, Task)
    if "keep_lock" not in parameters_of(state):
        yield Finding("lock", recorder, "does not say whether the lock is released or kept")
    for catcher in state.catch:
        yield Finding("lock", recorder, f"fails into {catcher.next!r}: redriven, the run would not record its end")
