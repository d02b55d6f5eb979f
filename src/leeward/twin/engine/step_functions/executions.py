"""Tracks the executions of a run: their results, their histories, and the listeners to their events."""

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

# Uses the field names of botocore's GetExecutionHistory. `timestamp` is ISO 8601 with microseconds, in UTC.
HistoryEvent = dict[str, Any]
EventListener = Callable[[str, HistoryEvent], object]


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """How an execution ended.

    `status` is SUCCEEDED, FAILED, ABORTED, or TIMED_OUT. `output` is parsed JSON, and None unless the execution
    succeeded. `error` and `cause` are None if the execution has none.
    """

    status: str
    output: Any
    error: str | None
    cause: str | None
    started_at: datetime
    stopped_at: datetime


class ExecutionTracker:
    """Receives the events of executions (execution_events.py) and waits for their ends."""

    def __init__(self, scheduler: TaskScheduler) -> None:
        self._scheduler = scheduler
        self._end_events: dict[str, VirtualEvent] = {}
        self._listeners: list[EventListener] = []

    def add_event_listener(self, listener: EventListener) -> None:
        """Call `listener(execution_arn, event)` for each history event as it happens."""
        self._listeners.append(listener)

    def handle_event(self, execution_arn: str, event: Mapping[str, Any]) -> None:
        """Pass a new history event to the listeners."""
        if self._listeners:
            jsonable_event = to_jsonable(event)
            for listener in self._listeners:
                try:
                    listener(execution_arn, jsonable_event)
                except Exception as error:  # the interpreter would treat it as a failure of the state
                    self._scheduler.report_failure("an event listener", error)

    def handle_end(self, execution_arn: str) -> None:
        """Record the end of an execution."""
        self._end_event(execution_arn).set()

    def handle_redrive(self, execution_arn: str) -> None:
        """Record the redrive of an execution. Callers then wait for its next end."""
        self._end_events[execution_arn] = VirtualEvent()

    def wait_for_execution(self, execution_arn: str, timeout: float | None) -> ExecutionResult:
        """Advance virtual time until the execution ends, and run every task that is ready in that instant."""
        execution = self._find_execution(execution_arn)
        if not self._end_event(execution_arn).wait(timeout):
            raise ExecutionStillRunning(f"{execution_arn} still runs after {timeout:g} virtual seconds")
        self._scheduler.run_ready_tasks()
        status = execution.exec_status.value
        output = json.loads(execution.output) if status == "SUCCEEDED" else None
        return ExecutionResult(
            status, output, execution.error, execution.cause, execution.start_date, execution.stop_date
        )

    def get_history(self, execution_arn: str) -> list[HistoryEvent]:
        """Return every event so far."""
        return [to_jsonable(event) for event in self._find_execution(execution_arn).to_history_output()["events"]]

    def _end_event(self, execution_arn: str) -> VirtualEvent:
        return self._end_events.setdefault(execution_arn, VirtualEvent())

    def _find_execution(self, execution_arn: str) -> Any:
        arn = Arn.parse(execution_arn)
        return stepfunctions_parser_backends[arn.account][arn.region].describe_execution(execution_arn)


def to_jsonable(value: Any) -> Any:
    """Convert a value to JSON types. moto's event types are enums."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: to_jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_jsonable(item) for item in value]
    return value
