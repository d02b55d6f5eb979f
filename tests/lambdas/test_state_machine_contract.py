"""What the compiled state machines send is what the handlers understand: every Task of every generated machine."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from leeward import lambdas
from leeward.common.polling import PollProgress
from leeward.lambdas.runtime.task import parse_event
from tests.support.paths import REPOSITORY
from tests.support.task_world import run_reference

HANDLERS = sorted(p.stem for p in Path(next(iter(lambdas.__path__))).glob("*.py") if p.stem != "__init__")

# What stands at each path when a task is called.
POLL = {
    "attempt": 3, "waited_seconds": 90, "started_at": "2026-03-01T09:00:00Z", "news": "1 of 3", "memo": None,
    "head": f"7:{'0' * 64}",
}  # fmt: skip
DATA: dict[str, Any] = {
    "$.run": run_reference(),
    **{f"$.look.{name}": value for name, value in POLL.items()},
    "$.error": {"Error": "TimedOut", "Cause": "Not done within 25m."},
    "$.failure": {"step": "s", "error": "X", "cause": "y"},
    "$.end.error": "X",
    "$.end.cause": "Run r failed.",
    "$.attempts": {"s": 1},
    "$$.Task.Token": "token",
    "$$.Execution.Id": "arn:aws:states:us-west-2:111122223333:execution:m:n",
    "$$.Execution.Name": "n",
    "$$.Execution.StartTime": "2026-03-01T09:00:00.123Z",
    "$$.Execution.Input": {},
}


def tasks(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in states.items():
        if state["Type"] == "Task":
            yield name, state
        for branch in state.get("Branches", []):
            yield from tasks(branch["States"])


def fill_template(value: Any) -> Any:
    """A payload template with its paths replaced by what they find."""
    if isinstance(value, dict):
        made = {}
        for key, inner in value.items():
            if not key.endswith(".$"):
                made[key] = fill_template(inner)
            elif inner.startswith("$.attempts."):
                made[key[:-2]] = 1
            else:
                made[key[:-2]] = DATA[inner]
        return made
    return [fill_template(inner) for inner in value] if isinstance(value, list) else value


def payloads() -> Iterator[Any]:
    for path in sorted((REPOSITORY / "state_machines" / "generated").rglob("*.asl.json")):
        for name, state in tasks(json.loads(path.read_text())["States"]):
            function = state["Parameters"]["FunctionName"]
            if function.startswith("leeward-"):
                yield pytest.param(function, state["Parameters"]["Payload"], id=f"{path.parent.name}/{name}")


@pytest.mark.parametrize(("function", "payload"), list(payloads()))
def test_handler_accepts_compiled_payload(function: str, payload: dict[str, Any]) -> None:
    name = function.removeprefix("leeward-").replace("-", "_")
    module = importlib.import_module(f"leeward.lambdas.{name}")
    model: type[BaseModel] = module.handler.event_model
    parse_event(model, fill_template(payload), name)


def test_every_task_has_a_handler() -> None:
    assert HANDLERS == [
        "alb_deregister", "alb_register", "answer", "api_switch", "api_transaction", "approval_request", "arc_route",
        "ask", "board", "drill_watch", "drs_await_replication", "drs_discard", "drs_launch_into", "drs_protect",
        "drs_recover",
        "drs_recover_undo", "drs_recovery_plan", "drs_retire", "drs_reverse", "drs_unprotect",
        "dynamodb_await_replication", "dynamodb_check_replicas", "ec2_terminate", "http_check", "lock_acquire",
        "notify", "preflight", "probe", "readiness",
        "record_failure", "route53_shift", "route53_weights", "run_begin", "run_end",
        "run_stop", "run_watch", "start", "start_drill",
    ]  # fmt: skip


def test_polling_task_returns_selected_fields() -> None:
    assert set(PollProgress.model_fields) == {
        "status", "detail", "attempt", "started_at", "elapsed_seconds", "wait_seconds", "waited_seconds",
        "news", "memo", "head", "parts",
    }  # fmt: skip
