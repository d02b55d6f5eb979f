"""Handlers that overlap never see each other's environment, log keys, metrics or random numbers."""

from __future__ import annotations

import io
import json
import os
import random
import time
import uuid
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from tests.twin.engine.machines import REGION, machine, open_engine, run_execution, task

SIDE_BY_SIDE = {
    "StartAt": "M",
    "States": {
        "M": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "A", "States": {"A": task("f", {"n.$": "$"}, OutputPath="$.Payload")}},
            "End": True,
        }
    },
}


def test_log_lines_have_own_invocation_id() -> None:
    out = io.StringIO()
    logger = Logger(service="surroundings", level="INFO", stream=out)

    @logger.inject_lambda_context
    def handler(event: Any, context: Any) -> Any:
        logger.append_keys(item=event["n"])
        time.sleep(5 - event["n"])
        logger.info("woke", extra={"really": event["n"], "request": context.aws_request_id})
        time.sleep(1)
        logger.info("done", extra={"really": event["n"], "request": context.aws_request_id})

    with open_engine({"f": handler}) as opened:
        run_execution(opened, SIDE_BY_SIDE, {"items": [0, 1, 2, 3]})
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == 8
    assert [line["item"] for line in lines] == [line["really"] for line in lines]
    assert [line["function_request_id"] for line in lines] == [line["request"] for line in lines]
    logger.info("after")
    assert "item" not in json.loads(out.getvalue().splitlines()[-1])  # nothing is left of the last invocation


def test_logger_created_in_handler_is_isolated() -> None:
    out = io.StringIO()

    def handler(event: Any, context: Any) -> Any:
        logger = Logger(service="made-inside", level="INFO", stream=out)
        if event["n"] == 0:
            logger.append_keys(secret="of item 0")
            time.sleep(5)
        else:
            time.sleep(1)
        logger.info("here", extra={"n": event["n"]})

    with open_engine({"f": handler}) as opened:
        run_execution(opened, SIDE_BY_SIDE, {"items": [0, 1]})
    lines = {line["n"]: line for line in map(json.loads, out.getvalue().splitlines())}
    assert lines[0]["secret"] == "of item 0"
    assert "secret" not in lines[1]


def test_metrics_are_flushed_by_their_invocation(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = Metrics(namespace="Leeward", service="surroundings")

    @metrics.log_metrics
    def handler(event: Any, context: Any) -> Any:
        metrics.add_metric(name=f"Item{event['n']}", unit=MetricUnit.Count, value=1)
        time.sleep(5 - event["n"])

    with open_engine({"f": handler}) as opened:
        run_execution(opened, SIDE_BY_SIDE, {"items": [0, 1, 2]})
    flushed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [sorted(key for key in line if key.startswith("Item")) for line in flushed] == [
        ["Item2"],
        ["Item1"],
        ["Item0"],
    ]


def test_environment_variables_are_isolated_and_restored() -> None:
    def reads(event: Any, context: Any) -> Any:
        time.sleep(1)
        return {name: os.environ.get(name) for name in ("LEEWARD_TABLE", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME")}

    pair = {
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [machine(name, **{name: task(name, OutputPath="$.Payload")}) for name in ("one", "two")],
                "End": True,
            }
        },
    }
    os.environ.pop("LEEWARD_TABLE", None)
    with open_engine() as opened:
        opened.functions.register(REGION, "one", reads, environment={"LEEWARD_TABLE": "table-1"})
        opened.functions.register(REGION, "two", reads)
        output = run_execution(opened, pair).output
        assert "LEEWARD_TABLE" not in os.environ
        assert "AWS_LAMBDA_FUNCTION_NAME" not in os.environ
    assert output == [
        {"LEEWARD_TABLE": "table-1", "AWS_REGION": REGION, "AWS_LAMBDA_FUNCTION_NAME": "one"},
        {"LEEWARD_TABLE": None, "AWS_REGION": REGION, "AWS_LAMBDA_FUNCTION_NAME": "two"},
    ]


def test_handlers_have_independent_random_streams() -> None:
    def run(extra: int) -> Any:
        def handler(event: Any, context: Any) -> Any:
            for _ in range(extra if event["n"] == 0 else 0):
                random.random()
                uuid.uuid4()
            time.sleep(1)
            return [random.random(), str(uuid.uuid4()), context.aws_request_id]

        with open_engine({"f": handler}) as opened:
            return run_execution(opened, SIDE_BY_SIDE, {"items": [0, 1]}).output

    plain, shifted = run(0), run(5)
    assert plain[0] != shifted[0]
    assert plain[1] == shifted[1]
