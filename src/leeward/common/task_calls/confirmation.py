"""Polls whose goal is that AWS no longer lists something."""

from __future__ import annotations

from collections.abc import Callable

from leeward.common.polling import PollResult
from leeward.common.task_calls.call_time import leave_rest

# The memo of a call that has found the goal reached once.
_CONFIRMING = "confirming"


def confirm_done(poll: Callable[[], PollResult], memo: str | None = None) -> PollResult:
    """Poll, and poll again if the first result is done.

    Use it for operations that end when AWS no longer lists a resource. Lists are eventually consistent, so only a
    second list shows whether the first one was complete. If a poll takes long, the next call of the task polls again.
    Pass it the `memo` of its event for that.
    """
    first = poll()
    if not first.done or memo == _CONFIRMING:
        return first
    if leave_rest():
        return PollResult(False, f"{first.detail}; looking once more", memo=_CONFIRMING)
    return poll()
