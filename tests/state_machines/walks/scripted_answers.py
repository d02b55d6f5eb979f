"""What tasks answer on a walk: good answers, scripted decisions, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Answer = Callable[[dict[str, Any]], Any]


class TaskError(Exception):
    """What a task raises, by the name that a Catch matches."""

    def __init__(self, name: str, message: str = "because") -> None:
        super().__init__(message)
        self.name = name
        self.cause = json.dumps({"errorMessage": message, "errorType": name})


def waiting_answer(payload: dict[str, Any], *, done: bool, seconds: int = 1, detail: str = "looking") -> dict[str, Any]:
    """A waiting task's answer, `seconds` after its first call."""
    return {
        "status": "done" if done else "waiting",
        "detail": detail,
        "attempt": payload["poll"].get("attempt", 0) + 1,
        "started_at": "2026-03-01T09:00:00Z",
        "elapsed_seconds": seconds,
        "wait_seconds": 0 if done else 10,
    }


def raising(name: str, message: str = "because", *, times: int | None = None, group: str | None = None) -> Answer:
    """A task that raises: always, the first `times` times, or only for one group."""
    calls = 0

    def answer(payload: dict[str, Any]) -> Any:
        nonlocal calls
        wanted = group is None or payload["parameters"]["group"]["name"] == group
        calls += wanted
        if wanted and (times is None or calls <= times):
            raise TaskError(name, message)
        return _plain(payload)

    return answer


def scripted_decisions(*decisions: str) -> Answer:
    """Answers to a question, in order; the last is repeated."""
    left = list(decisions)

    def answer(_payload: dict[str, Any]) -> Any:
        decision = left.pop(0) if len(left) > 1 else left[0]
        if decision.startswith("States."):
            raise TaskError(decision)
        return {"decision": decision, "by": "alice", "reason": "I looked"}

    return answer


def _plain(payload: dict[str, Any]) -> Any:
    return waiting_answer(payload, done=True) if "poll" in payload else {"detail": "ok"}


def good_answer(function: str) -> Answer:  # noqa: PLR0911 - one for each task that answers in its own way
    """The plain good answer of a function."""
    match function:
        case "run-begin":
            return lambda payload: {
                "id": "run-1",
                "approved": payload["parameters"]["execution"]["input"].get("approve", False),
            }
        case "run-end":
            return _end
        case "record-failure":
            return _record
        case "run-stop":
            return _stop
        case "ask":
            return scripted_decisions("abort")
        case "approval-request":
            return scripted_decisions("approve")
        case _:
            return _plain


def _begin(payload: dict[str, Any]) -> dict[str, Any]:
    given = payload["parameters"]["execution"]["input"]
    return {"id": "run-1", "approved": given.get("approve", False)}


def _end(payload: dict[str, Any]) -> dict[str, Any]:
    failure = payload["parameters"].get("failure", {})
    return {"outcome": payload["parameters"]["outcome"], "error": failure.get("error"), "cause": failure.get("cause")}


def _stop(payload: dict[str, Any]) -> dict[str, Any]:
    raise TaskError(payload["parameters"]["error"] or "", payload["parameters"]["cause"] or "")


def _record(payload: dict[str, Any]) -> dict[str, Any]:
    parameters = payload["parameters"]
    if "branches" in parameters:
        failed = next(lane for lane in parameters["branches"] if lane["outcome"] == "failed")
        error, cause = failed["error"], failed["cause"]
    else:
        error, cause = parameters["error"]["Error"], parameters["error"]["Cause"]
    return {"step": payload["step"]["id"], "error": error, "cause": cause}
