"""The results and errors of tasks in one scenario."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from leeward.state_machines.asl import TaskState
from leeward.state_machines.checks.behavior.interpreter.data_paths import Data
from leeward.state_machines.checks.behavior.interpreter.execution import Call, ScenarioOver, TaskError
from leeward.state_machines.checks.expectations import task_names as tasks
from leeward.state_machines.checks.expectations.expected_steps import canonical

CallKey: TypeAlias = tuple[str, str, bool, str, bool]


@dataclass(frozen=True, slots=True)
class Raises:
    """The task raises this error."""

    error: str


@dataclass(frozen=True, slots=True)
class Returns:
    """The task returns these members, on top of its plain result."""

    members: Mapping[str, Data]


@dataclass(frozen=True, slots=True)
class Change:
    """What the calls with `key` do instead. Each entry of `results` is for one call, and the last for all that follow.
    None is the plain result.
    """

    key: CallKey
    results: tuple[Raises | Returns | None, ...]


@dataclass
class CallKeys:
    """Identifies calls in the machine and in the document alike: by function, step, undo, payload template, and whether
    they poll again.
    """

    _texts: dict[int, tuple[TaskState, str]] = field(default_factory=dict)

    def key(self, call: Call) -> CallKey:
        """Return the call's key."""
        payload = call.payload
        step, poll = payload.get("step") or {}, payload.get("poll") or {}
        text = "" if call.function in _FRAME else self._text(call.task)
        return call.function, str(step.get("id")), bool(step.get("undo")), text, "attempt" in poll

    def _text(self, task: TaskState) -> str:
        known = self._texts.get(id(task))
        if known is None:
            payload = task.parameters.get("Payload")
            parameters = payload.get("parameters", payload.get("input")) if isinstance(payload, Mapping) else None
            known = self._texts[id(task)] = task, canonical(parameters)
        return known[1]


# The parameters of these tasks depend on what happened before.
_FRAME = tasks.FRAME_FUNCTIONS


def error_cause(error: str) -> str:
    """Return the cause that Lambda reports for an error."""
    return json.dumps({"errorMessage": f"the message of {error}", "errorType": error})


# What the first task returns, unless a scenario says otherwise.
PLAIN_RUN: dict[str, Data] = {"id": "run-1", "approved": False, "skip": {}}


@dataclass
class Script:
    """The results of one scenario: plain ones, except for the changes. `run` is what the first task returns.

    The scenario is over at the first call of a step in `over_at`, or that undoes one in `undo_over_at`.
    """

    changes: tuple[Change, ...] = ()
    keys: CallKeys = field(default_factory=CallKeys)
    run: Mapping[str, Data] = field(default_factory=lambda: dict(PLAIN_RUN))
    over_at: frozenset[str] = frozenset()
    undo_over_at: frozenset[str] = frozenset()
    counts: dict[CallKey, int] = field(default_factory=dict)

    def __call__(self, call: Call) -> Data:
        """Return the task's result. Raises TaskError."""
        key = self.keys.key(call)
        if call.function not in _FRAME and key[1] in (self.undo_over_at if key[2] else self.over_at):
            raise ScenarioOver
        count = self.counts[key] = self.counts.get(key, 0) + 1
        for change in self.changes:
            if change.key == key:
                result = change.results[min(count, len(change.results)) - 1]
                if isinstance(result, Raises):
                    raise TaskError(result.error, error_cause(result.error))
                if isinstance(result, Returns):
                    return {**self._plain(call), **result.members}
        if call.function == tasks.RUN_STOP:
            parameters = call.payload.get("parameters") or {}
            raise TaskError(str(parameters.get("error")), str(parameters.get("cause")))
        return self._plain(call)

    def _plain(self, call: Call) -> Data:  # noqa: PLR0911 - one for each kind of task
        payload = call.payload
        parameters = payload.get("parameters") or {}
        if "poll" in payload:
            return self._poll(payload["poll"])
        match call.function:
            case tasks.RUN_BEGIN:
                return {"run": self.run, "head": "1:the hash of the first entry"}
            case tasks.RUN_END:
                return {"outcome": parameters.get("outcome"), "error": "EndError", "cause": "the summary"}
            case tasks.RECORD_FAILURE:
                cause = canonical({name: value for name, value in parameters.items() if name != "policy"})
                return {"step": (payload.get("step") or {}).get("id"), "error": "Recorded", "cause": cause}
            case tasks.RUN_STOP:
                return parameters.get("attempts")
            case tasks.ASK:
                return {"decision": "abort", "by": "an operator", "reason": "a reason"}
            case _ if "token" in payload:
                return {"decision": "approve", "by": "an operator", "reason": "a reason"}
            case _:
                return {"detail": "done"}

    def _poll(self, poll: Mapping[str, Data]) -> Data:
        """Return the progress: one wait, and then done."""
        attempt = int(poll.get("attempt", 0)) + 1
        return {
            "status": "waiting" if attempt == 1 else "done",
            "detail": f"poll {attempt}",
            "attempt": attempt,
            "started_at": poll.get("started_at", "2026-01-01T00:00:01Z"),
            "elapsed_seconds": attempt,
            "wait_seconds": 6 + attempt,
            "waited_seconds": 7 * attempt,
            "news": f"news {attempt}",
            "memo": f"memo {attempt}",
            "head": f"{attempt}:a hash",
        }
