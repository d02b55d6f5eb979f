"""The executions of a run: their ends, their histories, and who is told of each event."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from leeward.base.arns import Arn
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.engine.virtual_threads.sync_primitives import VirtualEvent
from leeward.twin.errors import ExecutionStillRunning

# In the field names of botocore's GetExecutionHistory; `timestamp` is ISO 8601 with microseconds, UTC.
HistoryEvent = dict[str, Any]
EventListener = Callable[[str, HistoryEvent], object]


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """How an execution ended. `status` is SUCCEEDED, FAILED, ABORTED or TIMED_OUT; `output` is parsed JSON, None
    unless it succeeded; `error` and `cause` are None where there are none."""

    status: str
    output: Any
    error: str | None
    cause: str | None
    started_at: datetime
    stopped_at: datetime


class ExecutionTracker:
    """Told by the interpreter what happens (announcements.py)."""

    def __init__(self, scheduler: TaskScheduler) -> None:
        self._scheduler = scheduler
        self._end_events: dict[str, VirtualEvent] = {}
        self._listeners: list[EventListener] = []

    def add_event_listener(self, listener: EventListener) -> None:
        """Call `listener(execution_arn, event)` for each history event as it happens."""
        self._listeners.append(listener)

    def handle_event(self, execution_arn: str, event: Mapping[str, Any]) -> None:
        """The interpreter wrote an event."""
        if self._listeners:
            told = to_jsonable(event)
            for listener in self._listeners:
                try:
                    listener(execution_arn, told)
                except Exception as error:  # the interpreter would take it for a failure of the state
                    self._scheduler.report_failure("a listener of on_event", error)

    def handle_end(self, execution_arn: str) -> None:
        """The interpreter ended an execution."""
        self._end_event(execution_arn).set()

    def handle_redrive(self, execution_arn: str) -> None:
        """An execution that had ended goes on: whoever waits for it waits for its next end."""
        self._end_events[execution_arn] = VirtualEvent()

    def wait_for_execution(self, execution_arn: str, timeout: float | None) -> ExecutionResult:
        """Let time pass until the execution has ended, and let everything finish that is ready in that instant."""
        found = self._find_execution(execution_arn)
        if not self._end_event(execution_arn).wait(timeout):
            raise ExecutionStillRunning(f"{execution_arn} still runs after {timeout:g} virtual seconds")
        self._scheduler.run_ready_tasks()
        status = found.exec_status.value
        output = json.loads(found.output) if status == "SUCCEEDED" else None
        return ExecutionResult(status, output, found.error, found.cause, found.start_date, found.stop_date)

    def get_history(self, execution_arn: str) -> list[HistoryEvent]:
        """Every event so far."""
        return [to_jsonable(event) for event in self._find_execution(execution_arn).to_history_output()["events"]]

    def _end_event(self, execution_arn: str) -> VirtualEvent:
        return self._end_events.setdefault(execution_arn, VirtualEvent())

    def _find_execution(self, execution_arn: str) -> Any:
        arn = Arn.parse(execution_arn)
        return stepfunctions_parser_backends[arn.account][arn.region].describe_execution(execution_arn)


def to_jsonable(value: Any) -> Any:
    """JSON-able: moto's event types are enums."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: to_jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_jsonable(item) for item in value]
    return value
