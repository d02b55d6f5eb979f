"""Experiments: redrives."""

from __future__ import annotations

from typing import Any

from tests.twin.engine.machines import machine, open_engine, start_execution, task
from tests.twin.engine.patch_experiments.task_tokens import sfn


def _redriven() -> Any:
    calls: list[str] = []

    def bad(event: Any, context: Any) -> Any:
        calls.append("bad")
        if calls.count("bad") == 1:
            raise ZeroDivisionError
        return {}

    with open_engine({"good": lambda event, context: calls.append("good"), "bad": bad}) as opened:
        try:
            execution = start_execution(opened, machine("A", A=task("good", Next="B"), B=task("bad")))
            opened.wait_for_execution(execution)
            opened.redrive_execution(execution)
            return [opened.wait_for_execution(execution).status, calls.count("good")]
        except Exception:  # in raw moto there is no such thing as a redrive
            return "fails"


def resume_redriven_execution() -> Any:
    return _redriven()


def add_redrive_execution() -> Any:
    return _redriven()


def report_redrives() -> Any:
    with open_engine({}) as opened:
        execution = start_execution(opened, machine("F", F={"Type": "Fail"}))
        opened.wait_for_execution(execution)
        opened.redrive_execution(execution)
        opened.wait_for_execution(execution)
        return sfn(opened).describe_execution(executionArn=execution).get("redriveCount")
