"""Computes upper bounds for an execution: seconds, history events, and payload bytes.

The bounds describe the worst path through the machine. On it, every call uses all its retries, every wait lasts until
its limit, and every question is answered at the last moment. Operator retries are not included, because they have no
limit and the run waits for the operator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leeward.state_machines.analysis.loop_bounds import LoopBound, longest_path
from leeward.state_machines.analysis.payload_size import largest_payload
from leeward.state_machines.asl import (
    ChoiceState,
    FailState,
    PassState,
    State,
    StateMachine,
    SucceedState,
    TaskState,
    WaitState,
)
from leeward.state_machines.fragments.lambda_tasks import CALL_TIMEOUT_SECONDS, INVOKE_AND_WAIT_RESOURCE
from leeward.state_machines.fragments.retries import ALL_ERRORS, TIMEOUT_ERROR

# Step Functions' own limits (docs.aws.amazon.com/step-functions, Service quotas).
MAX_EVENTS, MAX_PAYLOAD_BYTES = 25_000, 256 * 1024
# After so many retries, the delay doesn't grow in practice. The limit prevents an overflow for a wrong definition.
_GROWTH_STEPS = 60
# ExecutionStarted, and the event for how the execution ended.
_START_AND_END_EVENTS = 2


@dataclass(frozen=True, slots=True)
class ExecutionBounds:
    """Upper bounds for one machine. `payload_state` is the state that has the largest payload."""

    events: int
    seconds: int
    payload_bytes: int
    payload_state: str


def compute_bounds(machine: StateMachine) -> ExecutionBounds:
    """Return the machine's upper bounds. Raises UnboundedLoop when a loop has no limit."""
    size, payload_state = largest_payload(machine)
    events = _START_AND_END_EVENTS + max_events(machine.start_at, machine.states)
    return ExecutionBounds(events, max_seconds(machine.start_at, machine.states), size, payload_state)


def max_events(start: str, states: Mapping[str, State]) -> int:
    """Return the number of events on the longest path from `start`."""
    return longest_path(
        states, start, lambda name: _max_state_events(states[name]), lambda bound, once: bound.max_rounds * once
    )


def _max_state_events(state: State) -> int:
    match state:
        case TaskState():  # entered, exited; for each try: scheduled, started, submitted (with a token only), and ended
            return 2 + _max_tries(state) * (4 if state.resource.endswith("waitForTaskToken") else 3)
        case FailState():
            return 1
        case _:
            return 2


def max_seconds(start: str, states: Mapping[str, State]) -> int:
    """Return the number of seconds on the longest path from `start`."""

    def wait(bound: LoopBound, _once: int) -> int:
        # No poll starts after the time limit, and no wait between polls extends past it. A failed poll returns no
        # elapsed time, so up to `max_missed` polls with their waits can follow the limit.
        poll_seconds = [
            _max_state_seconds(s) for s in states.values() if isinstance(s, TaskState) and s.next == bound.edge[0]
        ]
        return (
            (bound.seconds or 0)
            + (1 + bound.max_missed) * max(poll_seconds, default=0)
            + bound.max_missed * bound.longest_wait
        )

    return longest_path(states, start, lambda name: _max_state_seconds(states[name]), wait)


def _max_state_seconds(state: State) -> int:
    match state:
        case TaskState():
            earlier = (_max_tries(state) - 1) * _max_failed_try_seconds(state)
            return earlier + state.timeout_seconds + sum(_retry_delays(state))
        case WaitState(seconds=int(seconds)):
            return seconds
        case WaitState() | ChoiceState() | PassState() | SucceedState() | FailState():
            return 0


def _max_failed_try_seconds(state: TaskState) -> int:
    """Return how long a try can take that another one follows.

    A question that no one answers in time isn't asked again, so its earlier tries failed to ask, within one call.
    """
    is_asked_once = state.resource == INVOKE_AND_WAIT_RESOURCE and not _is_retried_after_timeout(state)
    return min(state.timeout_seconds, CALL_TIMEOUT_SECONDS) if is_asked_once else state.timeout_seconds


def _is_retried_after_timeout(state: TaskState) -> bool:
    # The first Retrier that matches decides.
    matching = (each for each in state.retry if TIMEOUT_ERROR in each.errors or ALL_ERRORS in each.errors)
    return next((retrier.max_attempts > 0 for retrier in matching), False)


def _max_tries(state: TaskState) -> int:
    # Each Retrier counts its own attempts.
    return 1 + sum(retrier.max_attempts for retrier in state.retry)


def _retry_delays(state: TaskState) -> list[int]:
    """Return the longest delay before each retry. Jitter only shortens a delay."""
    return [
        min(retrier.max_delay_seconds, round(retrier.interval_seconds * retrier.backoff_rate ** min(n, _GROWTH_STEPS)))
        for retrier in state.retry
        for n in range(retrier.max_attempts)
    ]


def count_states_and_calls(machine: StateMachine) -> Mapping[str, int]:
    """Return the number of states and of task states, for reports."""
    return {
        "states": len(machine.states),
        "calls": sum(isinstance(state, TaskState) for state in machine.states.values()),
    }
