"""The history: AWS's field names, every event told as it happens, and the same bytes everywhere."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import Any

import botocore.loaders
import pytest
from botocore.model import ServiceModel, StructureShape

from leeward.twin.errors import ActorFailed
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tests.twin.engine.machines import REGION, machine, open_engine, start_execution, task
from tests.twin.engine.random_machines import run_random_machine as run_random

SEEDS = range(8)


def _unknown_fields(value: Any, shape: Any, where: str) -> list[str]:
    if not isinstance(shape, StructureShape):
        return []
    wrong = [f"{where}.{name}" for name in value if name not in shape.members]
    return wrong + [
        each
        for name, item in value.items()
        if name in shape.members
        for each in _unknown_fields(item, shape.members[name], f"{where}.{name}")
    ]


def test_event_fields_match_get_execution_history() -> None:
    model = ServiceModel(botocore.loaders.Loader().load_service_model("stepfunctions", "service-2"))
    shape: Any = model.shape_for("HistoryEvent")
    types = set(shape.members["type"].enum)
    wrong: list[str] = []
    for seed in SEEDS:
        for event in run_random(seed).history:
            wrong += _unknown_fields(event, shape, event["type"])
            assert event["type"] in types
    assert wrong == []


@pytest.mark.parametrize("seed", SEEDS)
def test_history_is_ordered_and_ends_once(seed: int) -> None:
    run = run_random(seed)
    ids = [event["id"] for event in run.history]
    times = [event["timestamp"] for event in run.history]
    assert ids == list(range(1, len(ids) + 1))
    assert times == sorted(times)
    assert all(event["previousEventId"] < event["id"] for event in nonempty(run.history))
    assert run.history[-1]["type"].startswith("Execution")
    assert run.late_events == 0
    assert run.announced_events == run.history
    json.dumps(run.history)


def test_boto3_returns_same_events() -> None:
    with open_engine({"f": lambda event, context: {}}, latency=0.25) as opened:
        execution = start_execution(opened, machine("A", A=task("f")))
        opened.wait_for_execution(execution)
        events = opened.client("stepfunctions", REGION).get_execution_history(executionArn=execution)["events"]
        ours = opened.get_history(execution)
    assert [(event["id"], event["type"]) for event in events] == [(event["id"], event["type"]) for event in ours]
    assert events[-1]["timestamp"].strftime("%Y-%m-%dT%H:%M:%S.%fZ") == ours[-1]["timestamp"]


def digest() -> str:
    """Of all that eight random machines leave behind."""
    runs = [run_random(seed) for seed in SEEDS]
    return hashlib.sha256(json.dumps([[run.history, run.calls] for run in runs]).encode()).hexdigest()


@pytest.mark.verify("starts several processes; `make test` compares two")
def test_same_seed_gives_identical_history_in_every_process() -> None:
    program = "from tests.twin.engine.test_history import digest; print(digest())"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed in ("1", "4242")
    ]
    assert {process.communicate(timeout=120)[0].strip() for process in processes} == {digest()}


def test_other_seed_gives_other_history() -> None:
    def draw(seed: int) -> list[Any]:
        with open_engine({"f": lambda event, context: context.aws_request_id}, seed=seed) as opened:
            execution = start_execution(opened, machine("A", A=task("f", OutputPath="$.Payload")))
            opened.wait_for_execution(execution)
            return opened.get_history(execution)

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_failing_listener_does_not_fail_state() -> None:
    def fails(execution: str, event: dict[str, Any]) -> None:
        if event["type"] == "PassStateEntered":
            raise ValueError("the screen is too narrow")

    with open_engine() as opened:
        opened.add_event_listener(fails)
        execution = start_execution(opened, machine("A", A={"Type": "Pass", "End": True}))
        with pytest.raises(ActorFailed, match="too narrow"):
            opened.wait_for_execution(execution)
        assert opened.wait_for_execution(execution).status == "SUCCEEDED"
