"""What tasks answer on a walk: good answers, scripted decisions, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Answer = Callable[[dict[str, Any]], Any]
FIRST_HEAD = f"1:{1:064x}"


class TaskError(Exception):
    """What a task raises, by the name that a Catch matches."""

    def __init__(self, name: str, message: str = "because") -> None:
        super().__init__(message)
        self.name = name
        self.cause = json.dumps({"errorMessage": message, "errorType": name})


def waiting_answer(payload: dict[str, Any], *, done: bool, seconds: int = 1, detail: str = "looking") -> dict[str, Any]:
    """A waiting task's answer, `seconds` after its first call."""
    poll = payload["poll"]
    attempt, wait = poll.get("attempt", 0) + 1, 0 if done else 10
    return {
        "status": "done" if done else "waiting",
        "detail": detail,
        "attempt": attempt,
        "started_at": "2026-03-01T09:00:00Z",
        "elapsed_seconds": seconds,
        "wait_seconds": wait,
        "waited_seconds": poll.get("waited_seconds", 0) + wait,
        "news": f"news of call {attempt}",
        "memo": None if done else f"memo of call {attempt}",
        "head": next_head(payload),
    }


def next_head(payload: dict[str, Any]) -> str:
    """The head of the journal after a task has written an entry: its number, and a hash."""
    number = int(payload["head"].partition(":")[0]) + 1
    return f"{number}:{number:064x}"


def begun(**members: Any) -> dict[str, Any]:
    """What run_begin returns: the run's reference, and the head of its journal."""
    return {"run": {"id": "run-1", "approved": False, **members}, "head": FIRST_HEAD}


def raising(name: str, message: str = "because", *, times: int | None = None) -> Answer:
    """A task that raises: always, or the first `times` times."""
    calls = 0

    def answer(payload: dict[str, Any]) -> Any:
        nonlocal calls
        calls += 1
        if times is None or calls <= times:
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
            return _begin
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
    return begun(approved=given.get("approve", False))


def _end(payload: dict[str, Any]) -> dict[str, Any]:
    failure = payload["parameters"].get("failure", {})
    return {"outcome": payload["parameters"]["outcome"], "error": failure.get("error"), "cause": failure.get("cause")}


def _stop(payload: dict[str, Any]) -> dict[str, Any]:
    raise TaskError(payload["parameters"]["error"] or "", payload["parameters"]["cause"] or "")


def _record(payload: dict[str, Any]) -> dict[str, Any]:
    error = payload["parameters"]["error"]
    return {"step": payload["step"]["id"], "error": error["Error"], "cause": error["Cause"]}
