"""Decides whether a task is retried after an error, as the Amazon States Language says ("Retrying after error")."""

from __future__ import annotations

from leeward.state_machines.asl import TaskState


def is_retried(state: TaskState, error: str) -> bool:
    """The first Retrier that matches the error decides. One with `MaxAttempts: 0` never retries."""
    for retrier in state.retry:
        if "States.ALL" in retrier.errors or error in retrier.errors:
            return retrier.max_attempts > 0
    return False
