"""Experiments: a stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from leeward.twin.engine.moto_patches.fidelity import execution_stopping
from tests.twin.engine import machines
from tests.twin.engine.machines import PASS, elapsed, machine, open_engine, run_execution, start_execution, task
from tests.twin.engine.patch_experiments.task_tokens import sfn


def _sleeps(seconds: float) -> Callable[[Any, Any], Any]:
    def handler(event: Any, context: Any) -> Any:
        time.sleep(seconds)
        return {}

    return handler


def _stopped_at(definition: machines.Asl, handlers: machines.Handlers, at: float = 1000) -> Any:
    with open_engine(handlers) as opened:
        execution = start_execution(opened, definition)
        opened.clock.call_later(at, lambda: sfn(opened).stop_execution(executionArn=execution))
        return [opened.wait_for_execution(execution).status, elapsed(opened)]


def wake_states_on_stop() -> Any:
    return _stopped_at(machine("A", A=task("slow")), {"slow": _sleeps(800)}, at=500)


def end_backoff_on_stop() -> Any:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3000, "MaxAttempts": 3}]
    return _stopped_at(machine("A", A=task("missing", Retry=retry)), {})


def silence_abandoned_tasks() -> Any:
    with open_engine({"slow": _sleeps(800)}) as opened:
        execution = start_execution(opened, machine("A", A=task("slow", TimeoutSeconds=60)))
        opened.wait_for_execution(execution)
        before = len(opened.get_history(execution))
        opened.clock.sleep(2000)
        return len(opened.get_history(execution)) > before


def enforce_event_quota() -> Any:
    execution_stopping.MAX_HISTORY_EVENTS = 100
    loop = machine(
        "Add",
        Add={"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Again?"},
        **{
            "Again?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericLessThan": 60, "Next": "Add"}],
                "Default": "Done",
            },
            "Done": PASS,
        },
    )
    try:
        with open_engine() as opened:
            return run_execution(opened, loop, {"n": 0}).status
    finally:
        execution_stopping.MAX_HISTORY_EVENTS = 25_000
