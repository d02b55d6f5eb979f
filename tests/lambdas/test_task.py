"""The decorator: events, environment, journal, logs, errors."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from leeward.common.errors import InvalidInput
from leeward.lambdas.runtime.invocation.environment import TaskEnvironment
from leeward.lambdas.runtime.telemetry.observability import logger
from leeward.twin.engine import FaultKind
from tests.lambdas.world import ENVIRONMENT, TARGET, Failed, World, handler, recover


def test_the_environment_fails_by_name() -> None:
    with pytest.raises(InvalidInput, match="lacks AWS_REGION, LEEWARD_TOPIC_ARN"):
        TaskEnvironment.load({"LEEWARD_TABLE": "t", "LEEWARD_TOPIC_ARN": ""})
    given = {"AWS_REGION": TARGET, **ENVIRONMENT}
    assert TaskEnvironment.load(given) == TaskEnvironment(TARGET, "leeward", ENVIRONMENT["LEEWARD_TOPIC_ARN"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"surplus": 1}, "surplus: Extra inputs are not permitted"),
        ({"step": None}, "step: "),
        ({"parameters": {"message": "x"}}, "parameters.subject: Field required"),
        ({"parameters": {"message": "x", "subject": "y", "z": 1}}, "parameters.z: Extra inputs"),
        ({"run": {"id": "x"}}, "run.application: Field required"),
    ],
)
def test_a_malformed_event_names_the_field(world: World, change: dict[str, Any], told: str) -> None:
    with pytest.raises(Failed) as failed:
        world.call("notify", world.event(message="x", subject="y") | change)
    assert failed.value.error == "InvalidInput"
    assert "the event of notify is malformed" in failed.value.cause
    assert told in failed.value.cause


def test_a_waiting_task_journals_its_beginning_once_and_its_end(world: World) -> None:
    world.drive("drs_recover", **recover())
    assert world.events() == ["step.started", "protection.lost", "step.done"]
    done = world.journal[-1]
    assert (done.step, done.attempt, done.facts["part"], done.facts["task"]) == ("step", 1, "web", "drs_recover")
    assert len([e for e in world.journal if e.event == "step.waiting"]) > 3


def test_a_permanent_error_is_journaled_and_passes_unchanged(world: World) -> None:
    with pytest.raises(Failed, match="NotFound"):
        world.look("drs_recover", **recover("mail"))
    entry = world.journal[-1]
    assert (entry.event.value, entry.facts["error"]) == ("step.failed", "NotFound")


def test_an_error_that_a_retry_can_help_is_not_the_steps_failure(world: World) -> None:
    world.engine.interceptor.inject_fault("drs:DescribeJobs", FaultKind.THROTTLED, times=3)
    with pytest.raises(Failed, match="Throttled"):
        world.look("drs_recover", **recover())
    assert world.events() == ["step.started"]
    assert world.journal[-1].detail.startswith("Throttled: drs:DescribeJobs")


def test_a_failure_that_cannot_be_journaled_is_still_the_failure(world: World) -> None:
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ACCESS_DENIED, nth=2, times=99)
    with pytest.raises(Failed, match="NotFound"):
        world.look("drs_recover", **recover("mail"))


def test_without_a_journal_nothing_is_done(world: World) -> None:
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ACCESS_DENIED, times=99)
    with pytest.raises(Failed, match="AccessDenied: dynamodb:PutItem"):
        world.look("drs_recover", **recover())
    assert world.jobs() == []


def test_every_log_line_carries_run_and_step(world: World) -> None:
    lines = logged(lambda: world.look("drs_recover", **recover()))
    assert lines
    for line in lines:
        assert (line["run"], line["step"], line["task"]) == (world.run["id"], "step", "drs_recover")
        assert (line["application"], line["attempt"]) == ("website", "1")


def test_two_invocations_at_once_do_not_mix_their_keys(world: World) -> None:
    world.engine.interceptor.inject_fault(
        "drs:DescribeJobs", FaultKind.SERVER_ERROR, times=2
    )  # one waits, in botocore's back-off

    def both() -> None:
        other = world.event(step="other", message="x", subject="y")
        world.engine.clock.call_later(0.01, lambda: world.call("notify", other))
        world.look("drs_recover", **recover())
        world.later(5)

    lines = logged(both)
    assert {(line["task"], line["step"]) for line in lines} == {("drs_recover", "step"), ("notify", "other")}


def logged(do: Any) -> list[dict[str, Any]]:
    """What is logged meanwhile, line by line."""
    stream = io.StringIO()
    added = logging.StreamHandler(stream)
    added.setFormatter(logger.registered_formatter)
    target = logging.getLogger(logger.name)
    target.addHandler(added)
    before = target.level, target.disabled
    # Another test may have configured logging, and so disabled the loggers that were there.
    target.setLevel(logging.INFO)
    target.disabled = False
    try:
        do()
    finally:
        target.removeHandler(added)
        target.setLevel(before[0])
        target.disabled = before[1]
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_metrics_tell_of_each_call(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(TARGET, "leeward-notify", handler("notify"), environment=environment)
    event = world.event(message="x", subject="y")
    world.engine.functions.invoke_in_new_task(function, json.dumps(event))
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]
    (line,) = [each for each in lines if "task" in each]
    assert (line["task"], line["application"], line["TaskDone"]) == ("notify", "website", [1.0])
