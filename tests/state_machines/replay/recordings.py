"""Recordings of executions on the twin: the answers that they got, the states that they entered, and their ends."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from leeward.base.arns import Arn
from leeward.twin.engine.step_functions.executions import HistoryEvent

# What `$$.Task.Token` is in a replay.
TASK_TOKEN = "task token"
_TASK_ENDS = {"TaskSucceeded": "succeeded", "TaskFailed": "failed", "TaskTimedOut": "timed out"}
_EXECUTION_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionAborted": "ABORTED",
    "ExecutionTimedOut": "TIMED_OUT",
}


@dataclass(slots=True)
class Recording:
    """One execution.

    - `machine`: the application and the runbook, such as `website/failover`.
    - `tasks`: for each Task state, its attempts in order. `visit` counts the times that the state was entered.
    - `waits`: for each Wait state, how often it was left.
    - `states`: each entered state with its input, in order.
    - `pending`: how many states were waiting when the execution was stopped.
    """

    name: str
    machine: str
    started_at: str
    input: Any
    context: dict[str, Any]
    tasks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    waits: dict[str, int] = field(default_factory=dict)
    states: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] = field(default_factory=dict)
    pending: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the recording as the driver reads it."""
        return asdict(self)

    @property
    def content(self) -> str:
        """Return everything but the name, as text."""
        return json.dumps({**asdict(self), "name": ""}, sort_keys=True)

    @property
    def errors(self) -> list[str]:
        """Return the error of each attempt that failed or timed out."""
        attempts = (attempt for each in self.tasks.values() for attempt in each)
        return [str(attempt["error"]) for attempt in attempts if attempt["outcome"] != "succeeded"]


def record_execution(
    name: str, machine: str, execution: str, definition: Mapping[str, Any], events: Sequence[HistoryEvent]
) -> Recording:
    """Return the recording of an execution that has ended."""
    started, ended = events[0], events[-1]
    machine_input = json.loads(started["executionStartedEventDetails"]["input"])
    context = {"Execution": {"Id": execution, "Name": Arn.parse(execution).resource.rpartition(":")[2]}}
    recording = Recording(name, machine, started["timestamp"], machine_input, context)
    states_of = _states_of_events(events)
    scheduled: dict[str, HistoryEvent] = {}
    task_states = definition["States"]
    exits: Counter[str] = Counter()
    entries: Counter[str] = Counter()
    for event in events:
        kind, state = event["type"], states_of.get(event["id"], "")
        if kind.endswith("StateEntered"):
            details = event["stateEnteredEventDetails"]
            recording.states.append({"name": state, "input": json.loads(details["input"])})
            entries[state] += 1
        elif kind == "WaitStateExited":
            exits[state] += 1
        elif kind == "TaskScheduled":
            scheduled[state] = event
        elif kind in _TASK_ENDS:
            attempt = _attempt(task_states[state], scheduled[state], event)
            recording.tasks.setdefault(state, []).append({**attempt, "visit": entries[state]})
    recording.waits = dict(exits)
    recording.end = _end(ended)
    if recording.end["status"] == "ABORTED":
        recording.pending = _pending_states(events, states_of)
    return recording


def _attempt(state: Mapping[str, Any], scheduled: HistoryEvent, ended: HistoryEvent) -> dict[str, Any]:
    parameters = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])
    details = next(value for key, value in ended.items() if key.endswith("EventDetails"))
    attempt = {
        "parameters": _hide_token(state["Parameters"], parameters),
        "outcome": _TASK_ENDS[ended["type"]],
        "milliseconds": round((_time(ended) - _time(scheduled)).total_seconds() * 1000),
    }
    if ended["type"] == "TaskSucceeded":
        return {**attempt, "output": json.loads(details["output"])}
    return {**attempt, "error": details.get("error"), "cause": details.get("cause")}


def _hide_token(template: Any, parameters: Any) -> Any:
    """Return the parameters with a constant where the template has the task token."""
    if not isinstance(template, Mapping):
        return parameters
    values = {key: _hide_token(value, parameters.get(key)) for key, value in template.items() if key in parameters}
    tokens = {key.removesuffix(".$"): TASK_TOKEN for key, value in template.items() if value == "$$.Task.Token"}
    return {**parameters, **values, **tokens}


def _states_of_events(events: Sequence[HistoryEvent]) -> dict[int, str]:
    """Return the state that each event belongs to, which is the one of the previous event."""
    states: dict[int, str] = {}
    for event in events:
        details = event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails")
        states[event["id"]] = details["name"] if details else states.get(event["previousEventId"], "")
    return states


def _pending_states(events: Sequence[HistoryEvent], states_of: Mapping[int, str]) -> int:
    """Return how many Task and Wait states had been entered and not left."""
    open_states: Counter[str] = Counter()
    for event in events:
        if event["type"] in ("TaskStateEntered", "WaitStateEntered"):
            open_states[states_of[event["id"]]] += 1
        elif event["type"] in ("TaskStateExited", "WaitStateExited"):
            open_states[states_of[event["id"]]] -= 1
    return open_states.total()


def _end(event: HistoryEvent) -> dict[str, Any]:
    status = _EXECUTION_ENDS[event["type"]]
    details: dict[str, Any] = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
    if status == "SUCCEEDED":
        return {"status": status, "output": json.loads(details["output"])}
    if status == "FAILED":
        return {"status": status, "error": details.get("error"), "cause": details.get("cause")}
    return {"status": status}


def _time(event: HistoryEvent) -> datetime:
    return datetime.fromisoformat(event["timestamp"])
