"""What a poll passes on: a text and a memo of limited length, and whether it left work to the next call."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from leeward.common.errors import ServiceUnavailable
from leeward.common.polling import PollResult
from leeward.common.task_calls.call_time import leave_rest
from leeward.common.text_limits import MAX_MEMO_BYTES, MAX_TEXT_BYTES
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from tests.support.task_world import ENVIRONMENT, TARGET, TaskWorld

POLL = {"first_seconds": 5, "longest_seconds": 5, "longest_ready_seconds": 300, "timeout_seconds": 1500}


def poll_once(world: TaskWorld, result: PollResult) -> dict[str, Any]:
    """One call of a task whose looks all have this result."""
    return call_once(world, lambda: result)


def call_once(world: TaskWorld, look: Callable[[], PollResult]) -> dict[str, Any]:
    """One call of a task that looks in this way."""

    @task(WaitingEvent[Parameters], requires_lock=False)
    def handler(event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
        return look()

    function = world.engine.functions.register(TARGET, "leeward-long", handler, environment=ENVIRONMENT)
    made = world.engine.functions.invoke_in_new_task(function, json.dumps(world.event() | {"poll": POLL}))
    return dict(json.loads(made.payload))


@pytest.mark.parametrize(
    ("memo", "is_kept"), [("x" * MAX_MEMO_BYTES, True), ("x" * (MAX_MEMO_BYTES + 1), False), (None, False)]
)
def test_memo_that_is_too_long_is_dropped(world: TaskWorld, memo: str | None, is_kept: bool) -> None:
    progress = poll_once(world, PollResult(False, "at work", memo=memo, ready_in_seconds=300))
    assert progress["memo"] == (memo if is_kept else None)
    assert progress["wait_seconds"] == 300


def test_long_detail_that_stays_the_same_is_journaled_once(world: TaskWorld) -> None:
    progress = poll_once(world, PollResult(False, "9 servers are at work. " * 500))
    assert len(progress["detail"]) <= MAX_TEXT_BYTES
    assert [entry.event for entry in world.journal].count("step.waiting") == 1


@pytest.mark.parametrize(("seconds", "wait"), [(14, 5), (16, 1)])
def test_call_that_leaves_work_is_followed_at_once(world: TaskWorld, seconds: int, wait: int) -> None:
    def work() -> PollResult:
        time.sleep(seconds)
        return PollResult(False, "more" if leave_rest() else "nothing more to do")

    assert call_once(world, work)["wait_seconds"] == wait


def test_call_that_leaves_work_and_meets_an_outage_is_not_followed_at_once(world: TaskWorld) -> None:
    def work() -> PollResult:
        time.sleep(16)
        assert leave_rest()
        raise ServiceUnavailable("drs:ReverseReplication: 503")

    assert call_once(world, work)["wait_seconds"] == 5
