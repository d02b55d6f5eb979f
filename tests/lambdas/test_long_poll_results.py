"""What a poll tells the next one is passed on by the machine, so its length is limited."""

from __future__ import annotations

import json

import pytest

from leeward.common.polling import PollResult
from leeward.common.text_limits import MAX_MEMO_BYTES
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from tests.support.task_world import ENVIRONMENT, TARGET, TaskWorld


@pytest.mark.parametrize(
    ("memo", "is_kept"), [("x" * MAX_MEMO_BYTES, True), ("x" * (MAX_MEMO_BYTES + 1), False), (None, False)]
)
def test_memo_that_is_too_long_is_dropped(world: TaskWorld, memo: str | None, is_kept: bool) -> None:
    @task(WaitingEvent[Parameters], requires_lock=False)
    def handler(event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
        return PollResult(False, "at work", memo=memo, ready_in_seconds=300)

    function = world.engine.functions.register(TARGET, "leeward-memo", handler, environment=ENVIRONMENT)
    poll = {"first_seconds": 10, "longest_seconds": 30, "timeout_seconds": 1500}
    made = world.engine.functions.invoke_in_new_task(function, json.dumps(world.event() | {"poll": poll}))
    progress = json.loads(made.payload)
    assert progress["memo"] == (memo if is_kept else None)
    assert progress["wait_seconds"] == 300
