"""Experiments: time-outs and heartbeats."""

from __future__ import annotations

from typing import Any

from leeward.twin.errors import TwinError
from tests.twin.engine import machines
from tests.twin.engine.machines import (
    PASS,
    REGION,
    catch_clause,
    elapsed,
    machine,
    open_engine,
    start_execution,
    task,
    wait,
)
from tests.twin.engine.patch_experiments.task_tokens import NEVER, keeps_token, sfn


def _caught(name: str) -> Any:
    definition = machine(
        "A",
        A=task("ask", token=True, HeartbeatSeconds=30, TimeoutSeconds=600, Catch=catch_clause(name, then="Caught")),
        Caught=PASS,
    )
    with open_engine(NEVER) as opened:
        execution = start_execution(opened, definition)
        return [
            opened.wait_for_execution(execution).status,
            machines.states_entered(opened, execution),
            elapsed(opened),
        ]


def match_heartbeat_timeout() -> Any:
    return _caught("States.HeartbeatTimeout")


def drop_implicit_timeout() -> Any:
    tokens: list[str] = []
    with open_engine(keeps_token(tokens)) as opened:
        execution = start_execution(opened, machine("A", A=task("ask", token=True, HeartbeatSeconds=50)))
        for at in (40, 80):
            opened.clock.call_later(at, lambda: sfn(opened).send_task_heartbeat(taskToken=tokens[0]))
        opened.clock.call_later(100, lambda: sfn(opened).send_task_success(taskToken=tokens[0], output="{}"))
        try:
            return [opened.wait_for_execution(execution).status, elapsed(opened)]
        except TwinError:  # the late heartbeat and answer of raw moto fail their actors
            return [sfn(opened).describe_execution(executionArn=execution)["status"], elapsed(opened)]


def accept_early_answers() -> Any:
    def quick(event: Any, context: Any) -> Any:
        sfn(opened).send_task_success(taskToken=event["token"], output="{}")
        return {}

    with open_engine({"quick": quick}) as opened:
        execution = start_execution(
            opened, machine("A", A=task("quick", token=True, HeartbeatSeconds=30, TimeoutSeconds=60))
        )
        return [opened.wait_for_execution(execution).status, elapsed(opened)]


def reject_late_answers() -> Any:
    tokens: list[str] = []
    definition = machine(
        "A", A=task("ask", token=True, TimeoutSeconds=60, Catch=catch_clause("States.ALL", then="W")), W=wait(99)
    )
    with open_engine(keeps_token(tokens)) as opened:
        execution = start_execution(opened, definition)
        opened.clock.sleep(100)
        try:
            sfn(opened).send_task_success(taskToken=tokens[0], output="{}")
        except opened.client("stepfunctions", REGION).exceptions.TaskTimedOut:
            return "TaskTimedOut"
        finally:
            opened.wait_for_execution(execution)
        return "accepted"
