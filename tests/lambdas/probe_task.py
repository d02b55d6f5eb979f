"""A task of a step whose looks a test defines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from leeward.common.claims.types.run_claims import Notified
from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from tests.support.task_world import ENVIRONMENT, SHORT_POLL, TARGET, TaskFailed, TaskWorld

Look = Callable[[WaitingEvent[Parameters], TaskContext], PollResult]
WAITING = PollResult(False, "at work", memo="job-1")
DONE = PollResult.reached(Notified(message="told"))


@dataclass
class ProbeTask:
    """A task that is called as the state machine does. `calls` are the AWS calls of the last invocation.

    `looks` are the seconds after the start of the last invocation at which each look began.
    """

    world: TaskWorld
    look: Look
    requires_lock: bool = True
    looks: list[float] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def call(self, last: dict[str, Any] | None = None, *, head: str | None = None, **poll: Any) -> dict[str, Any]:
        """Make the first call, which may know the journal's head, or the next one after the output `last`.

        Raises TaskFailed.
        """
        event = self.world.event() | {"poll": SHORT_POLL | poll} | ({"head": head} if head else {})
        if last is not None:
            event["head"] = last["head"]
            event["poll"] |= {name: last[name] for name in ("attempt", "waited_seconds", "started_at", "news", "memo")}
        self.looks, began, before = [], self.world.engine.clock.now(), len(self.world.engine.interceptor.calls)

        def work(task_event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
            self.looks.append(round((context.now - began).total_seconds(), 1))
            return self.look(task_event, context)

        handler = task(WaitingEvent[Parameters], requires_lock=self.requires_lock)(work)
        function = self.world.engine.functions.register(TARGET, "leeward-probe", handler, environment=ENVIRONMENT)
        made = self.world.engine.functions.invoke_in_new_task(function, json.dumps(event))
        self.calls = [call.operation for call in self.world.engine.interceptor.calls[before:]]
        if made.has_failed:
            raise TaskFailed(made.error_type or "", made.error_message or "")
        return dict(json.loads(made.payload))


def in_order(*results: PollResult | Exception) -> Look:
    """Return the looks with these results, one after the other. The last one is repeated."""
    remaining = list(results)

    def look(_event: WaitingEvent[Parameters], _context: TaskContext) -> PollResult:
        result = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(result, Exception):
            raise result
        return result

    return look
