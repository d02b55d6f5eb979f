"""Experiments: ids, drawn from the seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from leeward.twin.engine import Engine
from tests.twin.engine.machines import REGION, machine, open_engine, run_execution, start_execution, task
from tests.twin.engine.patch_experiments.task_tokens import NEVER


def _same_in_two_runs(run: Callable[[Engine, int], Any]) -> bool:
    seen = []
    for number in (1, 2):
        with open_engine(NEVER) as opened:
            seen.append(run(opened, number))
    return bool(seen[0] == seen[1])


def number_heap_keys() -> Any:
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
    definition = machine("A", A=task("missing", Retry=retry))  # attempts are counted under a heap key

    def run(opened: Engine, _: int) -> str:
        run_execution(opened, definition)
        return str(uuid4())

    return _same_in_two_runs(run)


def derive_task_tokens() -> Any:
    def run(opened: Engine, number: int) -> str:
        if number == 2:
            uuid4()
        tokens: list[str] = []
        opened.functions.register(REGION, "keep", lambda event, context: tokens.append(event["token"]))
        execution = start_execution(opened, machine("A", A=task("keep", token=True, TimeoutSeconds=5)), name="run-1")
        opened.wait_for_execution(execution)
        return tokens[0]

    return _same_in_two_runs(run)


def number_backend_ids() -> Any:
    def run(opened: Engine, _: int) -> str:
        opened.client("glacier", REGION).list_vaults()
        return str(uuid4())

    return _same_in_two_runs(run)
