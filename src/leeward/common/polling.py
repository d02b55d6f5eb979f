"""Polling of AWS with growing intervals: the state and progress of a step that waits.

Every task that waits returns a `PollProgress`. The state machine's waiting construct reads it: on `done` it continues,
and on `waiting` it waits `wait_seconds` and calls the task again. The step times out when `elapsed_seconds` reaches the
step's time. A poll that finds a failure raises a named error instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from leeward.common.claims.types.claim import Claim

# Intervals grow by half: 10 s, 15 s, 23 s, ... up to the longest.
INTERVAL_GROWTH = 1.5
# Later changes of a text are rarely after its first characters.
_MAX_NEWS_LENGTH = 500
# A call looks again after a pause of at most this time. A look that isn't worthwhile before SOON_SECONDS is left to the
# state machine.
LONGEST_PAUSE_SECONDS, SOON_SECONDS = 25, 45
# No call of a task takes longer (state_machines/fragments/lambda_tasks.py).
MAX_CALL_SECONDS = 45


class PollStatus(StrEnum):
    """Whether polling is finished."""

    DONE = "done"
    WAITING = "waiting"


class PartState(StrEnum):
    """The state of one part of a step, such as a server group."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class PartProgress(BaseModel):
    """The progress of one part of a step. `detail` is one line for operators."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    state: PartState
    detail: str


@dataclass(frozen=True, slots=True)
class PollResult:
    """The result of one poll. `detail` is one line for operators. `claims` are what the step did or found.

    `news` is what is worth a journal entry when it changes, such as a coarse progress. The default is `detail`.
    `memo` is what the next poll gets to know, so that it reads only what can have changed. A longer one than
    `text_limits.MAX_MEMO_BYTES` is dropped. A poll without the memo of an earlier one, such as after a crash, must
    reach the same result.
    `ready_in_seconds` is when the goal can be reached at the earliest, if the task can tell. `parts` are the parts that
    the task looked at.

    Raises ValueError for a step that is done and claims nothing, which is a defect of its task.
    """

    done: bool
    detail: str
    claims: tuple[Claim, ...] = ()
    news: str | None = None
    memo: str | None = None
    ready_in_seconds: float | None = None
    parts: tuple[PartProgress, ...] = ()

    def __post_init__(self) -> None:
        if self.done and not self.claims:
            raise ValueError(f"a step is done without a claim, only with {self.detail!r}: use PollResult.reached")

    @property
    def journaled_news(self) -> str:
        """Return the news in at most _MAX_NEWS_LENGTH characters."""
        return (self.detail if self.news is None else self.news)[:_MAX_NEWS_LENGTH]

    @classmethod
    def reached(cls, *claims: Claim) -> Self:
        """Return the result of a poll that found the goal reached, in the words of the claims."""
        return cls(True, "; ".join(claim.text for claim in claims), claims)


class PollState(BaseModel):
    """The polling state that the state machine passes to a task. All intervals are in seconds.

    A task may ask for a wait of up to `longest_ready_seconds`, if it knows that the goal can't be reached earlier.

    The members from `attempt` on are absent from the first call, which acts. Later calls poll. `news` and `memo` are
    those of the previous call, and `waited_seconds` is the sum of the waits between the calls.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_seconds: PositiveInt
    longest_seconds: PositiveInt
    timeout_seconds: PositiveInt
    longest_ready_seconds: NonNegativeInt = 0
    attempt: NonNegativeInt = 0
    waited_seconds: NonNegativeInt = 0
    started_at: AwareDatetime | None = None
    news: str = ""
    memo: str | None = None

    def elapsed_seconds(self, now: datetime) -> int:
        """Return how long the step has waited, in seconds.

        The time while the run was stopped, before an operator resumed it, doesn't count. So the result is limited to
        the maximum duration of the waits and calls so far.
        """
        if self.started_at is None:
            return 0
        maximum = self.waited_seconds + (self.attempt + 1) * MAX_CALL_SECONDS
        return min(max(0, int((now - self.started_at).total_seconds())), maximum)

    def next_interval(
        self, elapsed_seconds: int, pause_seconds: float | None = None, ready_in_seconds: float | None = None
    ) -> int:
        """Return the seconds until the next poll: grows with each poll, up to the longest and the step's timeout.

        It is at least `pause_seconds` and, up to `longest_ready_seconds`, `ready_in_seconds`, if these aren't None and
        the step's timeout isn't earlier.
        """
        ready_in = min(ready_in_seconds or 0, self.longest_ready_seconds)
        interval = max(self._interval_after(self.attempt), math.ceil(max(pause_seconds or 0, ready_in)))
        return min(interval, max(1, self.timeout_seconds - elapsed_seconds))

    def _interval_after(self, attempt: int) -> int:
        return max(1, min(round(self.first_seconds * INTERVAL_GROWTH ** min(attempt, 60)), self.longest_seconds))

    def after_look(self, now: datetime, result: PollResult) -> Self:
        """Return the state for another look within the same call, after one that returned `result`."""
        return self.model_copy(
            update={"started_at": self.started_at or now, "news": result.journaled_news, "memo": result.memo}
        )


class PollProgress(BaseModel):
    """A task's output for the state machine's waiting construct. `detail` is one line for operators."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: PollStatus
    detail: str
    attempt: NonNegativeInt = Field(description="the number of polls so far, without those that left work to the next")
    started_at: AwareDatetime
    elapsed_seconds: NonNegativeInt
    wait_seconds: NonNegativeInt
    waited_seconds: NonNegativeInt = Field(
        description="the sum of the waits so far, the next one included, and of the calls that left work to the next"
    )
    news: str = Field("", description="what the journal has of the progress")
    memo: str | None = None
    head: str | None = Field(None, description="the last known entry of the run's journal")
    parts: tuple[PartProgress, ...] = Field((), description="only for what shows the run's progress")

    @classmethod
    def from_poll(
        cls,
        poll: PollState,
        now: datetime,
        result: PollResult,
        *,
        pause_seconds: float | None = None,
        head: str | None = None,
        has_left_work: bool = False,
    ) -> Self:
        """Build the output for a call that received `poll`. `now` has a time zone.

        The next poll is `pause_seconds` later at the earliest, if AWS asked for that, but not after the step's timeout.
        It follows at once if this call has left work to it.
        """
        elapsed = poll.elapsed_seconds(now)
        started_at = poll.started_at or now
        if (now - started_at).total_seconds() >= elapsed + 1:
            started_at = now - timedelta(seconds=elapsed)
        wait = 0 if result.done else poll.next_interval(elapsed, pause_seconds, result.ready_in_seconds)
        attempt, waited = poll.attempt + 1, poll.waited_seconds + wait
        if has_left_work and not result.done:
            wait = max(1, math.ceil(pause_seconds or 0))
            # It made progress, so it is none of the polls whose number is limited. Its time counts as waited.
            attempt, waited = poll.attempt, poll.waited_seconds + wait + MAX_CALL_SECONDS
        return cls(
            status=PollStatus.DONE if result.done else PollStatus.WAITING,
            detail=result.detail,
            attempt=attempt,
            started_at=started_at,
            elapsed_seconds=elapsed,
            wait_seconds=wait,
            waited_seconds=waited,
            news=result.journaled_news,
            memo=None if result.done else result.memo,
            head=head,
            parts=result.parts,
        )
