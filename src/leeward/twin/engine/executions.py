"""The executions of a run: their ends, their histories, and who is told of each event."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from leeward.common.arns import Arn
from leeward.twin.engine.baton import Baton
from leeward.twin.engine.primitives import Event
from leeward.twin.errors import StillRunning

# In the field names of botocore's GetExecutionHistory; `timestamp` is ISO 8601 with microseconds, UTC.
HistoryEvent = dict[str, Any]
Listener = Callable[[str, HistoryEvent], object]


@dataclass(frozen=True, slots=True)
class Ended:
    """How an execution ended. `status` is SUCCEEDED, FAILED, ABORTED or TIMED_OUT; `output` is parsed JSON, None
    unless it succeeded; `error` and `cause` are None where there are none."""

    status: str
    output: Any
    error: str | None
    cause: str | None
    started_at: datetime
    stopped_at: datetime


class Executions:
    """Told by the interpreter what happens (announcements.py)."""

    def __init__(self, baton: Baton) -> None:
        self._baton = baton
        self._ends: dict[str, Event] = {}
        self._listeners: list[Listener] = []

    def on_event(self, listener: Listener) -> None:
        """Call `listener(execution_arn, event)` for each history event as it happens."""
        self._listeners.append(listener)

    def happened(self, execution_arn: str, event: Mapping[str, Any]) -> None:
        """The interpreter wrote an event."""
        if self._listeners:
            told = plain(event)
            for listener in self._listeners:
                try:
                    listener(execution_arn, told)
                except Exception as error:  # the interpreter would take it for a failure of the state
                    self._baton.fail("a listener of on_event", error)

    def ended(self, execution_arn: str) -> None:
        """The interpreter ended an execution."""
        self._end(execution_arn).set()

    def redriven(self, execution_arn: str) -> None:
        """An execution that had ended goes on: whoever waits for it waits for its next end."""
        self._ends[execution_arn] = Event()

    def wait(self, execution_arn: str, timeout: float | None) -> Ended:
        """Let time pass until the execution has ended, and let everything finish that is ready in that instant."""
        found = self._find(execution_arn)
        if not self._end(execution_arn).wait(timeout):
            raise StillRunning(f"{execution_arn} still runs after {timeout:g} virtual seconds")
        self._baton.let_others()
        status = found.exec_status.value
        output = json.loads(found.output) if status == "SUCCEEDED" else None
        return Ended(status, output, found.error, found.cause, found.start_date, found.stop_date)

    def history(self, execution_arn: str) -> list[HistoryEvent]:
        """Every event so far."""
        return [plain(event) for event in self._find(execution_arn).to_history_output()["events"]]

    def _end(self, execution_arn: str) -> Event:
        return self._ends.setdefault(execution_arn, Event())

    def _find(self, execution_arn: str) -> Any:
        arn = Arn.parse(execution_arn)
        return stepfunctions_parser_backends[arn.account][arn.region].describe_execution(execution_arn)


def plain(value: Any) -> Any:
    """JSON-able: moto's event types are enums."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
