"""Timeouts and heartbeats of a task, to the second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.twin.engine.machines import (
    PASS,
    REGION,
    Asl,
    catch_clause,
    elapsed,
    machine,
    open_engine,
    start_execution,
    states_entered,
    task,
    wait,
)

Actor = Callable[[Any, str], Any]


def _succeed(sfn: Any, token: str) -> None:
    sfn.send_task_success(taskToken=token, output='{"ok": 1}')


def _fail(sfn: Any, token: str) -> None:
    sfn.send_task_failure(taskToken=token, error="Rejected", cause="no")


def _send_heartbeat(sfn: Any, token: str) -> None:
    sfn.send_task_heartbeat(taskToken=token)


def _slow(event: Any, context: Any) -> Any:
    time.sleep(800)
    return {"done": 1}


def _ask(**fields: Any) -> Asl:
    return task("ask", token=True, **fields)


def _catch_each(*errors: str) -> list[Asl]:
    """One catcher for each error, each to a state named after it."""
    return [catcher for error in errors for catcher in catch_clause(error, then=error)]


TIMEOUT, HEARTBEAT, FAILED, ALL = "States.Timeout", "States.HeartbeatTimeout", "States.TaskFailed", "States.ALL"
ERRORS = dict.fromkeys((TIMEOUT, HEARTBEAT, FAILED, ALL), PASS)
HEARTBEAT_TWICE = [{"ErrorEquals": [TIMEOUT], "IntervalSeconds": 10, "MaxAttempts": 2, "BackoffRate": 1}]
BEAT_TO_THE_END: dict[int, Actor] = dict.fromkeys(range(50, 580, 50), _send_heartbeat)


@dataclass
class Case:
    """A task, what comes of it (status, at which second, in which last state), and who does what at which second."""

    state: Asl
    expected: tuple[str, float, str]
    actors: dict[int, Actor] = field(default_factory=dict)


def _slow_task(**fields: Any) -> Asl:
    return task("slow", None, **fields)


def _beating(*errors: str) -> Asl:
    return _ask(TimeoutSeconds=600, HeartbeatSeconds=60, Catch=_catch_each(*errors))


CASES = {
    "caught": Case(_slow_task(TimeoutSeconds=60, Catch=_catch_each(TIMEOUT)), ("SUCCEEDED", 60, TIMEOUT)),
    "uncaught": Case(_slow_task(TimeoutSeconds=60), ("FAILED", 60, "A")),
    "TaskFailed matches no timeout": Case(
        _slow_task(TimeoutSeconds=60, Catch=_catch_each(FAILED, ALL)), ("SUCCEEDED", 60, ALL)
    ),
    "timeout from the input": Case(
        _slow_task(TimeoutSecondsPath="$.x", Catch=_catch_each(ALL)), ("SUCCEEDED", 45, ALL)
    ),
    "retried twice": Case(_slow_task(TimeoutSeconds=60, Retry=HEARTBEAT_TWICE), ("FAILED", 200, "A")),
    "no answer": Case(_ask(TimeoutSeconds=600, Catch=_catch_each(TIMEOUT)), ("SUCCEEDED", 600, TIMEOUT)),
    "answered": Case(_ask(TimeoutSeconds=600), ("SUCCEEDED", 599, "A"), {599: _succeed}),
    "refused": Case(_ask(TimeoutSeconds=600, Catch=_catch_each(FAILED)), ("SUCCEEDED", 30, FAILED), {30: _fail}),
    "no heartbeat": Case(_beating(HEARTBEAT), ("SUCCEEDED", 60, HEARTBEAT)),
    "no heartbeat, caught as a timeout": Case(_beating(TIMEOUT), ("SUCCEEDED", 60, TIMEOUT)),
    "three heartbeats, then silence": Case(
        _beating(HEARTBEAT, TIMEOUT),
        ("SUCCEEDED", 210, HEARTBEAT),
        {50: _send_heartbeat, 100: _send_heartbeat, 150: _send_heartbeat},
    ),
    "heartbeats to the end": Case(
        _ask(TimeoutSeconds=580, HeartbeatSeconds=60, Catch=_catch_each(TIMEOUT)),
        ("SUCCEEDED", 580, TIMEOUT),
        BEAT_TO_THE_END,
    ),
    "answer after heartbeats": Case(
        _beating(TIMEOUT), ("SUCCEEDED", 130, "A"), {50: _send_heartbeat, 100: _send_heartbeat, 130: _succeed}
    ),
    "heartbeat without timeout": Case(
        _ask(HeartbeatSeconds=300, Catch=_catch_each(HEARTBEAT)), ("SUCCEEDED", 300, HEARTBEAT)
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_task_timeout_and_heartbeat_cases(case: Case) -> None:
    tokens: list[str] = []
    with open_engine({"slow": _slow, "ask": lambda event, context: tokens.append(event["token"])}) as opened:
        sfn = opened.client("stepfunctions", REGION)
        execution = start_execution(opened, machine("A", A=case.state, **ERRORS), {"x": 45})
        for at, actor in case.actors.items():
            opened.clock.call_later(at, lambda actor=actor: actor(sfn, tokens[0]))  # type: ignore[misc]
        status = opened.wait_for_execution(execution).status
        assert (status, elapsed(opened), states_entered(opened, execution)[-1]) == case.expected
        history = opened.get_history(execution)
        opened.clock.sleep(5000)
        assert opened.get_history(execution) == history


@pytest.mark.parametrize("late", [_succeed, _fail, _send_heartbeat])
def test_late_callback_raises_task_timed_out(late: Actor) -> None:
    tokens: list[str] = []
    definition = machine(
        "A", A=_ask(TimeoutSeconds=60, Catch=_catch_each("States.Timeout")), **{"States.Timeout": wait(100)}
    )
    with open_engine({"ask": lambda event, context: tokens.append(event["token"])}) as opened:
        sfn = opened.client("stepfunctions", REGION)
        execution = start_execution(opened, definition)
        opened.clock.sleep(90)
        with pytest.raises(sfn.exceptions.TaskTimedOut):
            late(sfn, tokens[0])
        assert opened.wait_for_execution(execution).status == "SUCCEEDED"
        with pytest.raises(sfn.exceptions.TaskTimedOut):  # the execution has ended too
            late(sfn, tokens[0])


def test_second_callback_is_rejected() -> None:
    tokens: list[str] = []
    with open_engine({"ask": lambda event, context: tokens.append(event["token"])}) as opened:
        sfn = opened.client("stepfunctions", REGION)
        execution = start_execution(opened, machine("A", A=_ask(TimeoutSeconds=60)))
        opened.clock.sleep(10)
        _succeed(sfn, tokens[0])
        with pytest.raises(sfn.exceptions.TaskTimedOut):
            _fail(sfn, tokens[0])
        assert opened.wait_for_execution(execution).status == "SUCCEEDED"


def test_invented_token_is_invalid() -> None:
    with open_engine() as opened:
        start_execution(opened, machine("A", A=wait(60)))
        opened.clock.sleep(1)
        sfn = opened.client("stepfunctions", REGION)
        with pytest.raises(sfn.exceptions.InvalidToken):
            _succeed(sfn, "invented")
