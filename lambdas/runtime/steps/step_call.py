"""One call of a step's task.

The first call acts, and later calls look at what AWS has done since. A call whose goal isn't reached yet waits up to
LONGEST_PAUSE_SECONDS and looks again, until its time is up. In the state machine, each wait and call would cost three
transitions. A transient error doesn't fail the step: the call looks again later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from leeward.common.aws.change_guard import ChangeGuard, guard_changes
from leeward.common.errors import CredentialsExpired, LeewardError, LockLost, Throttled, Transient
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.common.polling import LONGEST_PAUSE_SECONDS, SOON_SECONDS, PollProgress, PollResult
from leeward.common.task_calls import call_time
from leeward.common.task_calls.call_time import call_seconds, measure_call
from leeward.common.text_limits import MAX_MEMO_BYTES, fits, truncate_text
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.journaling.step_journal import StepJournal
from leeward.lambdas.runtime.telemetry.observability import logger
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event

# Another look begins only if it will probably end by then, so that a call stays below 30 s.
_CALL_SECONDS, _LOOK_SECONDS = 28.0, 2.0
# The news of a step whose start isn't in the journal yet.
_UNSTARTED = "not started"

StepEvent = WaitingEvent[Parameters]
StepWork = Callable[[StepEvent, TaskContext], PollResult]


@dataclass(slots=True)
class StepCall:
    """One call of the task `name`. With `requires_lock`, it raises LockLost while another run holds the lock."""

    name: str
    work: StepWork
    event: StepEvent
    context: TaskContext
    requires_lock: bool
    has_started: bool = field(init=False)

    def __post_init__(self) -> None:
        poll = self.event.poll
        self.has_started = poll.started_at is not None and poll.news != _UNSTARTED

    def run(self) -> PollProgress:
        """Act or look, until the goal is reached or the time of the call is up. Raises the step's error."""
        guard = self._make_guard()
        with guard_changes(guard), measure_call():
            try:
                return self._look_repeatedly()
            except Exception as error:
                if not self.has_started:
                    raise
                failure = _find_lost_lock(guard, error) or error
                self._record_failure(failure)
                raise failure from None

    def _look_repeatedly(self) -> PollProgress:
        while True:
            pause, began, needs_new_call, goes_on = None, time.monotonic(), False, False
            try:
                if not self.has_started:
                    self._journal.record_started()
                    self.has_started = True
                result = self.work(self.event, self.context)
                if result.done:
                    self._record_done(result)
                    return self._make_progress(result)
                goes_on = call_time.has_left_work()
            except Transient as error:
                # Every task of a step can be called again, because it first looks at what an earlier call has done.
                detail = f"{type(error).__name__}: {error}; will be tried again"
                result = PollResult(
                    False, detail, news=None if self.has_started else _UNSTARTED, memo=self.event.poll.memo
                )
                pause = error.retry_after_seconds if isinstance(error, Throttled) else None
                needs_new_call = isinstance(error, CredentialsExpired)  # which gets new credentials
                logger.warning(detail)
            self._record_waiting(result)
            progress = self._make_progress(result, pause, has_left_work=goes_on)
            pause_now = min(progress.wait_seconds, LONGEST_PAUSE_SECONDS)
            look_seconds = time.monotonic() - began
            # A look that finds something new takes longer than one that doesn't.
            next_seconds = pause_now + max(look_seconds, _LOOK_SECONDS)
            if needs_new_call or not self._may_look_again(progress, next_seconds, pause or 0):
                return progress
            time.sleep(pause_now)
            # The detail is compared with that of the next look, in the length in which it is passed on.
            poll = self.event.poll.after_look(progress.started_at, replace(result, detail=progress.detail))
            self.event = self.event.model_copy(update={"poll": poll})

    def _may_look_again(self, progress: PollProgress, next_seconds: float, asked_pause: float) -> bool:
        """Return whether the call has time for another pause and look, `next_seconds` together.

        AWS may have asked for a longer pause, and the step's own time may be up.
        """
        left = self.event.poll.timeout_seconds - progress.elapsed_seconds
        is_soon = progress.wait_seconds <= SOON_SECONDS and asked_pause <= LONGEST_PAUSE_SECONDS
        return is_soon and next_seconds < left and call_seconds() + next_seconds <= _CALL_SECONDS

    def _make_progress(
        self, result: PollResult, pause_seconds: float | None = None, *, has_left_work: bool = False
    ) -> PollProgress:
        memo = result.memo if result.memo is not None and fits(result.memo, MAX_MEMO_BYTES) else None
        short = replace(result, detail=truncate_text(result.detail), memo=memo)
        head = self.context.journal(self.event.run.id).head
        if head is not None and not result.done and self._journal.is_done:
            head = None  # another call has recorded that the step is done, and the next one must look for that
        return PollProgress.from_poll(
            self.event.poll,
            self.context.now,
            short,
            pause_seconds=pause_seconds,
            head=head,
            has_left_work=has_left_work,
        )

    def _make_guard(self) -> ChangeGuard | None:
        fence = self.context.lock_fence if self.requires_lock else None
        return None if fence is None else ChangeGuard(fence.verify, self.context.table.name)

    @property
    def _journal(self) -> StepJournal:
        journal = self.context.journal(self.event.run.id)
        return StepJournal(journal, self.event.step, self.name, self.requires_lock)

    def _record_done(self, result: PollResult) -> None:
        link = self._journal.record_done(result)
        run, now = self.event.run, self.context.now
        publish_event(self.context, DomainEventType.STEP_DONE, run, link, self.event.step)
        poll = self.event.poll
        seconds = poll.elapsed_seconds(now) if poll.started_at else call_seconds()
        count_run_metrics(run, {RunMetric.STEP_DONE: 1, RunMetric.STEP_SECONDS: seconds})

    def _record_waiting(self, result: PollResult) -> None:
        """Journal a result that differs from the previous one. A failed write costs only this entry."""
        if not self.has_started or result.journaled_news == self.event.poll.news:
            return
        try:
            self._journal.record_waiting(result)
        except LeewardError as error:
            logger.error(f"what the step waits for could not be journaled: {error}")

    def _record_failure(self, error: Exception) -> None:
        """Journal the failure. Log a failed write, so that it doesn't replace the original error."""
        try:
            self._journal.record_failure(error)
        except LeewardError as write_error:
            logger.error(f"the failure could not be journaled: {write_error}")


def _find_lost_lock(guard: ChangeGuard | None, error: Exception) -> LockLost | None:
    """Return why the run may no longer act, or None.

    What a run finds after it has lost the lock is the work of another run, and no failure of its own.
    """
    if guard is None or isinstance(error, LockLost):
        return None
    try:
        guard.require_verified()
    except LockLost as lost:
        return lost
    except LeewardError as problem:
        logger.warning(f"the lock could not be read: {problem}")
    return None
