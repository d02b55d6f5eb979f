"""Where each step of a run stands, read off the execution's history as it happens.

The history is the one account of a run that Step Functions itself keeps, so what is shown here for a rehearsal can be
shown for a run on AWS just so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leeward.state_machines.compile.machine import StepInfo
from leeward.twin.report import PartReport, StepReport, StepStatus
from leeward.twin.tasks import task_of

_RECORD_FAILURE, _ASK, _APPROVAL = "record_failure", "ask", "approval_request"


@dataclass(slots=True)
class _Line:
    """One step, or one group within a step, as it changes."""

    name: str
    status: StepStatus = StepStatus.NOT_REACHED
    started_at: datetime | None = None
    ended_at: datetime | None = None
    detail: str = ""

    def begin(self, at: datetime) -> None:
        self.status = StepStatus.RUNNING
        self.started_at = self.started_at or at
        self.ended_at = None

    def end(self, status: StepStatus, at: datetime) -> None:
        self.status, self.ended_at = status, at


@dataclass(slots=True)
class _Step(_Line):
    info: StepInfo | None = None
    attempts: int = 0
    parts: dict[str, _Line] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Call:
    """A task that was scheduled: which (None for a team's own function), for which step and group."""

    function: str | None
    step: _Step | None
    group: str | None


class Progress:
    """Feed it each event of one execution, in order; `steps` is what to show."""

    def __init__(self, infos: Sequence[StepInfo]) -> None:
        self._steps = [_Step(info.name, info=info) for info in infos]
        self._by_id = {info.id: step for info, step in zip(infos, self._steps, strict=True)}
        self._owner = {state: step for info, step in zip(infos, self._steps, strict=True) for state in info.states}
        self._gates = {info.gate: step for info, step in zip(infos, self._steps, strict=True) if info.gate}
        self._first = {info.states[0] for info in infos if info.states}
        self._current: _Step | None = None
        self._interrupted: _Step | None = None
        self._calls: dict[int, _Call] = {}
        self.transitions = 0

    @property
    def steps(self) -> list[StepReport]:
        """Each step as it stands."""
        return [
            StepReport(
                name=s.name,
                kind=s.info.kind if s.info else "",
                status=s.status,
                attempts=s.attempts,
                started_at=s.started_at,
                ended_at=s.ended_at,
                detail=s.detail,
                parts=[
                    PartReport(
                        name=p.name, status=p.status, started_at=p.started_at, ended_at=p.ended_at, detail=p.detail
                    )
                    for p in s.parts.values()
                ],
            )
            for s in self._steps
        ]

    def observe(self, event: Mapping[str, Any]) -> None:
        """One history event, in the field names of GetExecutionHistory."""
        kind, at = str(event["type"]), datetime.fromisoformat(str(event["timestamp"]))
        previous = self._calls.get(int(event.get("previousEventId") or 0))
        if previous is not None:
            self._calls[int(event["id"])] = previous
        if kind.endswith("StateEntered"):
            details = event["stateEnteredEventDetails"]
            self._entered(str(details["name"]), at)
            gated = self._gates.get(str(details["name"]))
            if gated is not None and _to_skip(details, gated.info):
                gated.started_at, gated.detail = at, "skipped, as the run's input says"
                gated.end(StepStatus.SKIPPED, at)
        elif kind == "TaskScheduled":
            self._scheduled(event, at)
        elif kind == "TaskSucceeded" and previous:
            self._answered(previous, json.loads(event["taskSucceededEventDetails"]["output"]), at)
        elif kind in ("TaskFailed", "TaskTimedOut") and previous:
            self._failed(previous, _message(event), at)
        elif kind == "ExecutionRedriven":
            self._go_on()
        elif kind.startswith("Execution") and kind != "ExecutionStarted":
            self._finish(StepStatus.DONE if kind == "ExecutionSucceeded" else StepStatus.FAILED, at)

    def _entered(self, state: str, at: datetime) -> None:
        self.transitions += 1
        step = self._owner.get(state)
        if step is not self._current:
            self._finish(StepStatus.DONE, at)
            self._current = step
        if step is not None and state in self._first:
            step.attempts += 1
            step.begin(at)

    def _go_on(self) -> None:
        """Redriven in the middle of a step: it is not entered again, but it is under way again."""
        step = self._current = self._interrupted
        if step is not None:
            step.status, step.ended_at = StepStatus.RUNNING, None

    def _finish(self, status: StepStatus, at: datetime) -> None:
        step, self._current = self._current, None
        self._interrupted = step if status is StepStatus.FAILED else None
        if step is None:
            return
        if step.status in (StepStatus.RUNNING, StepStatus.ASKING):
            step.end(status, at)
        elif step.ended_at is None:
            step.ended_at = at

    def _scheduled(self, event: Mapping[str, Any], at: datetime) -> None:
        parameters = json.loads(event["taskScheduledEventDetails"]["parameters"])
        payload = parameters.get("Payload") or {}
        step = self._by_id.get(str((payload.get("step") or {}).get("id")))
        function = task_of(str(parameters.get("FunctionName", "")))
        group = ((payload.get("parameters") or {}).get("group") or {}).get("name")
        call = self._calls[int(event["id"])] = _Call(function, step, group)
        if call.step is None:
            return
        if function == _RECORD_FAILURE:
            call.step.end(StepStatus.FAILED, at)
        elif function in (_ASK, _APPROVAL):
            call.step.status = StepStatus.ASKING
        elif group:
            call.step.parts.setdefault(group, _Line(group)).begin(at)

    def _answered(self, call: _Call, output: Mapping[str, Any], at: datetime) -> None:
        if call.step is None:
            return
        if call.function in (_ASK, _APPROVAL):
            self._decided(call.step, output, at)
            return
        answer = output.get("Payload") or {}
        if not isinstance(answer, dict):
            return
        if call.function == _RECORD_FAILURE:
            call.step.detail = f"{answer.get('error')}: {answer.get('cause')}"
            return
        detail = str(answer.get("detail") or "")
        part = call.step.parts.get(call.group) if call.group else None
        if part is not None:
            part.detail = detail
            if answer.get("status") == "done":
                part.end(StepStatus.DONE, at)
            call.step.detail = _summary(call.step)
        elif detail:
            call.step.detail = detail

    def _decided(self, step: _Step, output: Mapping[str, Any], at: datetime) -> None:
        decision, by = str(output.get("decision", "")), output.get("by", "")
        step.detail = f"{decision} by {by}" + (f"; {step.detail}" if step.detail else "")
        if decision == "skip":
            step.end(StepStatus.SKIPPED, at)
        elif decision == "abort":
            step.end(StepStatus.FAILED, at)

    def _failed(self, call: _Call, message: str, at: datetime) -> None:
        if call.step is None:
            return
        part = call.step.parts.get(call.group) if call.group else None
        if part is not None:
            part.end(StepStatus.FAILED, at)  # a retry begins it again
            part.detail = message
            call.step.detail = _summary(call.step)
        else:
            call.step.detail = message


def _to_skip(entered: Mapping[str, Any], info: StepInfo | None) -> bool:
    """Whether the state before a step leads past it, by what it was entered with."""
    data = json.loads(entered.get("input") or "{}")
    return info is not None and bool(((data.get("run") or {}).get("skip") or {}).get(info.id))


def _summary(step: _Step) -> str:
    done = sum(1 for part in step.parts.values() if part.status is StepStatus.DONE)
    return f"{done} of {len(step.parts)} groups done"


def _message(event: Mapping[str, Any]) -> str:
    """`LaunchFailed: s-1 ...`, out of Lambda's JSON where the cause is such."""
    details: Mapping[str, Any] = next((v for k, v in event.items() if k.endswith("EventDetails")), {})
    error, cause = str(details.get("error") or ""), str(details.get("cause") or "")
    try:
        parsed = json.loads(cause)
    except ValueError:
        parsed = None
    message = parsed.get("errorMessage", cause) if isinstance(parsed, dict) else cause
    return f"{error}: {message}" if message else error
