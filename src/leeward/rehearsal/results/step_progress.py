"""Tracks the progress of each step of a run from the events of its execution history.

Step Functions itself keeps this history, so the same code works for a rehearsal and for a run on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leeward.common.polling import PartState, PollStatus
from leeward.rehearsal.results.result_models import RunStepStatus, StepPartReport, StepReport
from leeward.rehearsal.task_functions import find_task_name
from leeward.state_machines.compile.runbook_compiler import CompiledStep

_STATUS_BY_PART_STATE = {
    PartState.WAITING: RunStepStatus.RUNNING,
    PartState.DONE: RunStepStatus.DONE,
    PartState.FAILED: RunStepStatus.FAILED,
}
_RECORD_FAILURE, _ASK, _APPROVAL = "record_failure", "ask", "approval_request"


@dataclass(slots=True)
class _TrackedPart:
    """The current state of a step, or of one group within a step."""

    name: str
    status: RunStepStatus = RunStepStatus.NOT_REACHED
    started_at: datetime | None = None
    ended_at: datetime | None = None
    detail: str = ""

    def begin(self, at: datetime) -> None:
        self.status = RunStepStatus.RUNNING
        self.started_at = self.started_at or at
        self.ended_at = None

    def end(self, status: RunStepStatus, at: datetime) -> None:
        self.status, self.ended_at = status, at

    def update(self, status: RunStepStatus, detail: str, at: datetime) -> None:
        """Take over what a poll showed."""
        self.detail = detail
        if status is RunStepStatus.RUNNING and self.status is not status:
            self.begin(at)
        elif status is not self.status:
            self.started_at = self.started_at or at
            self.end(status, at)


@dataclass(slots=True)
class _TrackedStep(_TrackedPart):
    """The current state of a step and of its groups."""

    info: CompiledStep | None = None
    attempts: int = 0
    parts: dict[str, _TrackedPart] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _ScheduledTask:
    """A scheduled task and its step. `function` is None for a function that isn't Leeward's."""

    function: str | None
    step: _TrackedStep | None


class StepProgress:
    """The progress of one execution. Pass each history event to `observe` in order, then read `steps`."""

    def __init__(self, step_infos: Sequence[CompiledStep]) -> None:
        self._steps = [_TrackedStep(info.name, info=info) for info in step_infos]
        self._by_id = {info.id: step for info, step in zip(step_infos, self._steps, strict=True)}
        self._step_by_state = {
            state: step for info, step in zip(step_infos, self._steps, strict=True) for state in info.states
        }
        self._step_by_skip_state = {
            info.gate: step for info, step in zip(step_infos, self._steps, strict=True) if info.gate
        }
        self._first_states = {info.states[0] for info in step_infos if info.states}
        self._current: _TrackedStep | None = None
        self._interrupted: _TrackedStep | None = None
        self._calls: dict[int, _ScheduledTask] = {}

    @property
    def steps(self) -> list[StepReport]:
        """Return the current progress of each step, in the order of the runbook."""
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
                    StepPartReport(
                        name=p.name, status=p.status, started_at=p.started_at, ended_at=p.ended_at, detail=p.detail
                    )
                    for p in s.parts.values()
                ],
            )
            for s in self._steps
        ]

    def observe(self, event: Mapping[str, Any]) -> None:
        """Update the progress from one history event, which has the field names of GetExecutionHistory."""
        kind, at = str(event["type"]), datetime.fromisoformat(str(event["timestamp"]))
        previous = self._calls.get(int(event.get("previousEventId") or 0))
        if previous is not None:
            self._calls[int(event["id"])] = previous
        if kind.endswith("StateEntered"):
            details = event["stateEnteredEventDetails"]
            self._on_state_entered(str(details["name"]), at)
            skipped_step = self._step_by_skip_state.get(str(details["name"]))
            if skipped_step is not None and _skipped_by_input(details, skipped_step.info):
                skipped_step.started_at, skipped_step.detail = at, "skipped by the run's input"
                skipped_step.end(RunStepStatus.SKIPPED, at)
        elif kind == "TaskScheduled":
            self._on_task_scheduled(event, at)
        elif kind == "TaskSucceeded" and previous:
            self._on_task_succeeded(previous, json.loads(event["taskSucceededEventDetails"]["output"]), at)
        elif kind in ("TaskFailed", "TaskTimedOut") and previous:
            self._on_task_failed(previous, _failure_message(event), at)
        elif kind == "ExecutionRedriven":
            self._on_redriven()
        elif kind.startswith("Execution") and kind != "ExecutionStarted":
            self._finish_current_step(RunStepStatus.DONE if kind == "ExecutionSucceeded" else RunStepStatus.FAILED, at)

    def _on_state_entered(self, state: str, at: datetime) -> None:
        step = self._step_by_state.get(state)
        if step is not self._current:
            self._finish_current_step(RunStepStatus.DONE, at)
            self._current = step
        if step is not None and state in self._first_states:
            step.attempts += 1
            step.begin(at)

    def _on_redriven(self) -> None:
        """Mark the interrupted step as running. A redrive continues within a step and doesn't enter it again."""
        step = self._current = self._interrupted
        if step is not None:
            step.status, step.ended_at = RunStepStatus.RUNNING, None

    def _finish_current_step(self, status: RunStepStatus, at: datetime) -> None:
        step, self._current = self._current, None
        self._interrupted = step if status is RunStepStatus.FAILED else None
        if step is None:
            return
        if step.status in (RunStepStatus.RUNNING, RunStepStatus.ASKING):
            step.end(status, at)
        elif step.ended_at is None:
            step.ended_at = at

    def _on_task_scheduled(self, event: Mapping[str, Any], at: datetime) -> None:
        parameters = json.loads(event["taskScheduledEventDetails"]["parameters"])
        payload = parameters.get("Payload") or {}
        step = self._by_id.get(str((payload.get("step") or {}).get("id")))
        function = find_task_name(str(parameters.get("FunctionName", "")))
        call = self._calls[int(event["id"])] = _ScheduledTask(function, step)
        if call.step is None:
            return
        if function == _RECORD_FAILURE:
            call.step.end(RunStepStatus.FAILED, at)
        elif function in (_ASK, _APPROVAL):
            call.step.status = RunStepStatus.ASKING

    def _on_task_succeeded(self, call: _ScheduledTask, output: Mapping[str, Any], at: datetime) -> None:
        if call.step is None:
            return
        if call.function in (_ASK, _APPROVAL):
            self._apply_decision(call.step, output, at)
            return
        response = output.get("Payload") or {}
        if not isinstance(response, dict):
            return
        if call.function == _RECORD_FAILURE:
            call.step.detail = f"{response.get('error')}: {response.get('cause')}"
            return
        for shown in response.get("parts") or ():
            part = call.step.parts.setdefault(shown["name"], _TrackedPart(shown["name"]))
            part.update(_STATUS_BY_PART_STATE[PartState(shown["state"])], shown["detail"], at)
        detail = str(response.get("detail") or "")
        if len(call.step.parts) > 1 and response.get("status") == PollStatus.WAITING:
            call.step.detail = _group_summary(call.step)
        elif detail:
            call.step.detail = detail

    def _apply_decision(self, step: _TrackedStep, output: Mapping[str, Any], at: datetime) -> None:
        decision, by = str(output.get("decision", "")), output.get("by", "")
        step.detail = f"{decision} by {by}" + (f"; {step.detail}" if step.detail else "")
        if decision == "skip":
            step.end(RunStepStatus.SKIPPED, at)
        elif decision == "abort":
            step.end(RunStepStatus.FAILED, at)

    def _on_task_failed(self, call: _ScheduledTask, message: str, at: datetime) -> None:
        if call.step is None:
            return
        for part in call.step.parts.values():
            if part.status is RunStepStatus.RUNNING:
                part.end(RunStepStatus.FAILED, at)  # a retry starts the part again
        call.step.detail = message


def _skipped_by_input(entered_event: Mapping[str, Any], info: CompiledStep | None) -> bool:
    """Return whether the run's input skips this step."""
    data = json.loads(entered_event.get("input") or "{}")
    return info is not None and bool(((data.get("run") or {}).get("skip") or {}).get(info.id))


def _group_summary(step: _TrackedStep) -> str:
    """Return how many groups of a step are done."""
    done = sum(1 for part in step.parts.values() if part.status is RunStepStatus.DONE)
    return f"{done} of {len(step.parts)} groups done"


def _failure_message(event: Mapping[str, Any]) -> str:
    """Return the error and its message, such as `LaunchFailed: s-1 ...`. Reads the message from Lambda's JSON cause."""
    details: Mapping[str, Any] = next((v for k, v in event.items() if k.endswith("EventDetails")), {})
    error, cause = str(details.get("error") or ""), str(details.get("cause") or "")
    try:
        parsed = json.loads(cause)
    except ValueError:
        parsed = None
    message = parsed.get("errorMessage", cause) if isinstance(parsed, dict) else cause
    return f"{error}: {message}" if message else error
