"""The most that a run of a machine can come to: seconds, events of its history, bytes of a payload.

All are of the worst path, not of all states together: every call on it is tried as often as its Retry allows, every
wait lasts to its end, every question is answered at the last moment. A person who answers `retry` goes through a step
again; that is counted apart, because the run waits for that person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leeward.state_machines.analysis.loop_bounds import LoopBound, longest_path
from leeward.state_machines.analysis.payload_size import largest_payload
from leeward.state_machines.analysis.state_graph import StateScope, iterate_scopes
from leeward.state_machines.asl import (
    ChoiceState,
    FailState,
    ParallelState,
    PassState,
    State,
    StateMachine,
    SucceedState,
    TaskState,
    WaitState,
)

# Step Functions' own limits (docs.aws.amazon.com/step-functions, Service quotas).
MAX_EVENTS, MAX_PAYLOAD_BYTES = 25_000, 256 * 1024
# ExecutionStarted, and how it ended.
_START_AND_END_EVENTS = 2


@dataclass(frozen=True, slots=True)
class ExecutionBounds:
    """The worst of one machine. `payload_state` is the state at which the largest payload is met."""

    events: int
    seconds: int
    payload_bytes: int
    payload_state: str


def compute_bounds(machine: StateMachine) -> ExecutionBounds:
    """Raises bounded_loops.Unbounded for a machine with a loop that nothing ends."""
    size, where = largest_payload(machine)
    scope = next(iterate_scopes(machine))
    return ExecutionBounds(_START_AND_END_EVENTS + max_events(scope), max_seconds(scope), size, where)


def max_events(scope: StateScope) -> int:
    """Events of the longest path; a Parallel writes those of all its branches."""

    def weight(name: str) -> int:
        state = scope.states[name]
        if isinstance(state, ParallelState):  # entered, started, succeeded, exited
            return 4 + sum(max_events(StateScope(b.start_at, b.states, is_branch=True)) for b in state.branches)
        return _max_state_events(state)

    return longest_path(scope.states, scope.start, weight, lambda bound, once: bound.max_rounds * once)


def _max_state_events(state: State) -> int:
    match state:
        case TaskState():  # entered and exited; and for each try scheduled, started, (with a token: submitted,) ended
            return 2 + _max_tries(state) * (4 if state.resource.endswith("waitForTaskToken") else 3)
        case FailState():
            return 1
        case _:
            return 2


def max_seconds(scope: StateScope) -> int:
    """Seconds of the longest path; the longest branch of a Parallel."""

    def weight(name: str) -> int:
        state = scope.states[name]
        if isinstance(state, ParallelState):
            return max(max_seconds(StateScope(b.start_at, b.states, is_branch=True)) for b in state.branches)
        return _max_state_seconds(state)

    def wait(bound: LoopBound, _once: int) -> int:
        # No look begins when the time is up, and a wait between looks never goes past it. But a look that is missed
        # tells no time: so many in a row may come after, each with its wait.
        looks = [
            _max_state_seconds(s) for s in scope.states.values() if isinstance(s, TaskState) and s.next == bound.edge[0]
        ]
        return (
            (bound.seconds or 0)
            + (1 + bound.max_missed) * max(looks, default=0)
            + bound.max_missed * bound.longest_wait
        )

    return longest_path(scope.states, scope.start, weight, wait)


def _max_state_seconds(state: State) -> int:
    match state:
        case TaskState():
            return _max_tries(state) * state.timeout_seconds + sum(_retry_delays(state))
        case WaitState(seconds=int(seconds)):
            return seconds
        case WaitState() | ChoiceState() | PassState() | SucceedState() | FailState() | ParallelState():
            return 0


def _max_tries(state: TaskState) -> int:
    # Each Retrier counts its own attempts.
    return 1 + sum(retrier.max_attempts for retrier in state.retry)


def _retry_delays(state: TaskState) -> list[int]:
    """The longest that each try is waited for: jitter only shortens it."""
    return [
        min(retrier.max_delay_seconds, round(retrier.interval_seconds * retrier.backoff_rate**n))
        for retrier in state.retry
        for n in range(retrier.max_attempts)
    ]


def count_states_and_calls(machine: StateMachine) -> Mapping[str, int]:
    """Plain counts, for people."""
    return {
        "states": sum(len(scope.states) for scope in iterate_scopes(machine)),
        "calls": sum(isinstance(s, TaskState) for scope in iterate_scopes(machine) for s in scope.states.values()),
    }
