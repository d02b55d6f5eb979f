"""The most that a run of a machine can come to: seconds, events of its history, bytes of a payload.

All are of the worst path, not of all states together: every call on it is tried as often as its Retry allows, every
wait lasts to its end, every question is answered at the last moment. A person who answers `retry` goes through a step
again; that is counted apart, because the run waits for that person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leeward.state_machines.asl import Choice, Fail, Machine, Parallel, Pass, State, Succeed, Task, Wait
from leeward.state_machines.checks.bounded_loops import Bound, longest
from leeward.state_machines.checks.graph import Scope, scopes
from leeward.state_machines.checks.payload import largest_payload

# Step Functions' own limits (docs.aws.amazon.com/step-functions, Service quotas).
MOST_EVENTS, MOST_BYTES = 25_000, 256 * 1024
# ExecutionStarted, and how it ended.
_FRAME_EVENTS = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """The worst of one machine. `payload_state` is the state at which the largest payload is met."""

    events: int
    seconds: int
    payload_bytes: int
    payload_state: str


def bounds(machine: Machine) -> Bounds:
    """Raises bounded_loops.Unbounded for a machine with a loop that nothing ends."""
    size, where = largest_payload(machine)
    scope = next(scopes(machine))
    return Bounds(_FRAME_EVENTS + most_events(scope), most_seconds(scope), size, where)


def most_events(scope: Scope) -> int:
    """Events of the longest path; a Parallel writes those of all its branches."""

    def weight(name: str) -> int:
        state = scope.states[name]
        if isinstance(state, Parallel):  # entered, started, succeeded, exited
            return 4 + sum(most_events(Scope(b.start_at, b.states, branch=True)) for b in state.branches)
        return _events(state)

    return longest(scope.states, scope.start, weight, lambda bound, once: bound.times * once)


def _events(state: State) -> int:
    match state:
        case Task():  # entered and exited; and for each try scheduled, started, (with a token: submitted,) ended
            return 2 + _tries(state) * (4 if state.resource.endswith("waitForTaskToken") else 3)
        case Fail():
            return 1
        case _:
            return 2


def most_seconds(scope: Scope) -> int:
    """Seconds of the longest path; the longest branch of a Parallel."""

    def weight(name: str) -> int:
        state = scope.states[name]
        if isinstance(state, Parallel):
            return max(most_seconds(Scope(b.start_at, b.states, branch=True)) for b in state.branches)
        return _seconds(state)

    def wait(bound: Bound, _once: int) -> int:
        # No look begins when the time is up, and a wait between looks never goes past it. But a look that is missed
        # tells no time: so many in a row may come after, each with its wait.
        looks = [_seconds(s) for s in scope.states.values() if isinstance(s, Task) and s.next == bound.edge[0]]
        return (bound.seconds or 0) + (1 + bound.missed) * max(looks, default=0) + bound.missed * bound.longest_wait

    return longest(scope.states, scope.start, weight, wait)


def _seconds(state: State) -> int:
    match state:
        case Task():
            return _tries(state) * state.timeout_seconds + sum(_delays(state))
        case Wait(seconds=int(seconds)):
            return seconds
        case Wait() | Choice() | Pass() | Succeed() | Fail() | Parallel():
            return 0


def _tries(state: Task) -> int:
    # Each Retrier counts its own attempts.
    return 1 + sum(retrier.max_attempts for retrier in state.retry)


def _delays(state: Task) -> list[int]:
    """The longest that each try is waited for: jitter only shortens it."""
    return [
        min(retrier.max_delay_seconds, round(retrier.interval_seconds * retrier.backoff_rate**n))
        for retrier in state.retry
        for n in range(retrier.max_attempts)
    ]


def sums(machine: Machine) -> Mapping[str, int]:
    """Plain counts, for people."""
    return {
        "states": sum(len(scope.states) for scope in scopes(machine)),
        "calls": sum(isinstance(s, Task) for scope in scopes(machine) for s in scope.states.values()),
    }
