"""Experiments: redrives."""

from __future__ import annotations

from typing import Any

from tests.twin.engine.drills import engine, machine, started, task
from tests.twin.engine.experiments.shared import sfn


def _redriven() -> Any:
    calls: list[str] = []

    def bad(event: Any, context: Any) -> Any:
        calls.append("bad")
        if calls.count("bad") == 1:
            raise ZeroDivisionError
        return {}

    with engine({"good": lambda event, context: calls.append("good"), "bad": bad}) as opened:
        try:
            execution = started(opened, machine("A", A=task("good", Next="B"), B=task("bad")))
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
    with engine({}) as opened:
        execution = started(opened, machine("F", F={"Type": "Fail"}))
        opened.wait_for_execution(execution)
        opened.redrive_execution(execution)
        opened.wait_for_execution(execution)
        return sfn(opened).describe_execution(executionArn=execution).get("redriveCount")
