"""Waiting for AWS: act, wait with a growing interval, look, decide.

Every step kind that waits answers with a `Progress`. The state machine's one waiting construct reads it: `done` goes
on, `waiting` waits `wait_seconds` and looks again, and `elapsed_seconds` at or over the step's time is its timed-out
way out. A look that finds a failure raises a named error instead: that is the failed way out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

# Each interval is half as long again as the one before: 10 s, 15 s, 23 s, ... up to the longest.
INTERVAL_GROWTH = 1.5
# No call of a task takes longer (state_machines/fragments/lambda_tasks.py).
MAX_CALL_SECONDS = 75


class PollStatus(StrEnum):
    """What a look found."""

    DONE = "done"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one look found. `detail` is one line for people; `facts` are for the journal (JSON values)."""

    done: bool
    detail: str
    facts: Mapping[str, object] = field(default_factory=dict)


def confirm_done(poll: Callable[[], PollResult]) -> PollResult:
    """A look that finds nothing left to do, twice. For what ends where AWS lists a thing no more: lists are eventually
    consistent, and one that leaves something out is told from a true one only by asking again."""
    first = poll()
    return poll() if first.done else first


class PollState(BaseModel):
    """How a step waits, as the state machine hands it to a task.

    `attempt` and `started_at` are absent from the first call, which acts; each later call looks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_seconds: PositiveInt
    longest_seconds: PositiveInt
    timeout_seconds: PositiveInt
    attempt: NonNegativeInt = 0
    started_at: AwareDatetime | None = None

    def elapsed_seconds(self, now: datetime) -> int:
        """How long the step has waited. What passed while the run itself stood, stopped by a person who later resumed
        it, is not waiting: no more can have passed than the waits and the calls until now may take."""
        if self.started_at is None:
            return 0
        waits = sum(self._interval_after(attempt) for attempt in range(self.attempt))
        at_most = waits + (self.attempt + 1) * MAX_CALL_SECONDS
        return min(max(0, int((now - self.started_at).total_seconds())), at_most)

    def _interval_after(self, attempt: int) -> int:
        return max(1, min(round(self.first_seconds * INTERVAL_GROWTH ** min(attempt, 60)), self.longest_seconds))

    def next_interval(self, elapsed_seconds: int) -> int:
        """Seconds until the next look: grows with each look, never beyond the longest nor far past the step's time."""
        return min(self._interval_after(self.attempt), max(1, self.timeout_seconds - elapsed_seconds))


class PollProgress(BaseModel):
    """A task's answer to the waiting construct. `detail` is one line for people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: PollStatus
    detail: str
    attempt: NonNegativeInt = Field(description="how many looks there have been")
    started_at: AwareDatetime
    elapsed_seconds: NonNegativeInt
    wait_seconds: NonNegativeInt

    @classmethod
    def from_poll(cls, poll: PollState, now: datetime, *, done: bool, detail: str) -> Self:
        """The answer to the call that came with `poll`, at `now` (time zone aware)."""
        elapsed = poll.elapsed_seconds(now)
        started_at = poll.started_at or now
        if (now - started_at).total_seconds() >= elapsed + 1:
            started_at = now - timedelta(seconds=elapsed)
        return cls(
            status=PollStatus.DONE if done else PollStatus.WAITING,
            detail=detail,
            attempt=poll.attempt + 1,
            started_at=started_at,
            elapsed_seconds=elapsed,
            wait_seconds=0 if done else poll.next_interval(elapsed),
        )
