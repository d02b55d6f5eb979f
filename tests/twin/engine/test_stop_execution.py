"""Whatever an execution waits for, a stop ends it at once, and leaves nothing to be written later."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.twin.engine.machines import (
    PASS,
    REGION,
    START,
    Asl,
    Handlers,
    catch_clause,
    elapsed,
    machine,
    open_engine,
    start_execution,
    states_entered,
    task,
    wait,
)

SLOW_SECONDS = 890


def _slow(event: Any, context: Any) -> Any:
    time.sleep(SLOW_SECONDS)
    return {}


def _fails_at_50(event: Any, context: Any) -> Any:
    time.sleep(50)
    raise ZeroDivisionError


HANDLERS: Handlers = {"slow": _slow, "ask": lambda event, context: None, "bad": _fails_at_50}
CAUGHT: Asl = {"Catch": catch_clause("States.ALL", then="C")}
IN_PARALLEL = {
    "Type": "Parallel",
    "Branches": [machine("A", A=wait(5000)), machine("B", B=task("ask", token=True)), machine("D", D=task("slow"))],
    "End": True,
    **CAUGHT,
}
IN_MAP = {
    "Type": "Map",
    "MaxConcurrency": 2,
    "ItemsPath": "$.items",
    "ItemProcessor": machine("A", A=task("slow", Next="B"), B=wait(100)),
    "End": True,
    **CAUGHT,
}
STATES: dict[str, Asl] = {
    "wait": wait(3600),
    "task": task("slow", Retry=[{"ErrorEquals": ["States.ALL"]}], **CAUGHT),
    "token": task("ask", token=True, TimeoutSeconds=9000, **CAUGHT),
    "token with heartbeat": task("ask", token=True, TimeoutSeconds=9000, HeartbeatSeconds=5000, **CAUGHT),
    "token without timeout": task("ask", token=True, **CAUGHT),
    "back-off": task("missing", Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3000}], **CAUGHT),
    "parallel": IN_PARALLEL,
    "map": IN_MAP,
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_stop_is_immediate_and_final(state: Asl) -> None:
    with open_engine(HANDLERS) as opened:
        execution = start_execution(opened, machine("A", A=state, C=PASS), {"items": [1, 2, 3, 4]})
        sfn = opened.client("stepfunctions", REGION)
        stopped: list[Any] = []
        opened.clock.call_later(
            500, lambda: stopped.append(sfn.stop_execution(executionArn=execution, error="Operator", cause="enough"))
        )
        outcome = opened.wait_for_execution(execution)
        assert elapsed(opened) == 500
        assert (outcome.status, outcome.error, outcome.cause) == ("ABORTED", "Operator", "enough")
        assert (outcome.stopped_at - START).total_seconds() == 500
        assert stopped[0]["stopDate"] == outcome.stopped_at
        history = opened.get_history(execution)
        assert history[-1]["type"] == "ExecutionAborted"
        opened.clock.sleep(20_000)
        assert opened.get_history(execution) == history


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_machine_timeout_is_immediate_and_final(state: Asl) -> None:
    definition = {**machine("A", A=state, C=PASS), "TimeoutSeconds": 500}
    with open_engine(HANDLERS) as opened:
        execution = start_execution(opened, definition, {"items": [1, 2, 3, 4]})
        assert opened.wait_for_execution(execution).status == "TIMED_OUT"
        assert elapsed(opened) == 500
        history = opened.get_history(execution)
        assert history[-1]["type"] == "ExecutionTimedOut"
        opened.clock.sleep(20_000)
        assert opened.get_history(execution) == history


def test_failed_branch_ends_siblings() -> None:
    parallel = {**IN_PARALLEL, "Branches": [*IN_PARALLEL["Branches"], machine("E", E=task("bad"))]}
    with open_engine(HANDLERS) as opened:
        execution = start_execution(opened, machine("P", P=parallel, C=PASS))
        outcome = opened.wait_for_execution(execution)
        assert elapsed(opened) == 50
        assert outcome.output["error"]["Error"] == "ZeroDivisionError"
        assert states_entered(opened, execution) == ["P", "A", "B", "D", "E", "C"]
        history = opened.get_history(execution)
        opened.clock.sleep(20_000)
        assert opened.get_history(execution) == history


def test_stop_of_ended_execution_changes_nothing() -> None:
    with open_engine() as opened:
        execution = start_execution(opened, machine("A", A=PASS))
        before = opened.wait_for_execution(execution)
        opened.client("stepfunctions", REGION).stop_execution(executionArn=execution)
        assert opened.wait_for_execution(execution) == before
