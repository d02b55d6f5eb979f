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
from tests.support.task_world import ENVIRONMENT, TARGET, TaskFailed, TaskWorld, load_handler, recover_parameters


def test_missing_environment_variables_are_named() -> None:
    with pytest.raises(InvalidInput, match="lacks AWS_REGION, LEEWARD_TOPIC_ARN"):
        TaskEnvironment.load({"LEEWARD_TABLE": "t", "LEEWARD_TOPIC_ARN": ""})
    given = {"AWS_REGION": TARGET, **ENVIRONMENT}
    assert TaskEnvironment.load(given) == TaskEnvironment(TARGET, "leeward", ENVIRONMENT["LEEWARD_TOPIC_ARN"])


@pytest.mark.parametrize(
    ("change", "output"),
    [
        ({"surplus": 1}, "surplus: Extra inputs are not permitted"),
        ({"step": None}, "step: "),
        ({"parameters": {"message": "x"}}, "parameters.subject: Field required"),
        ({"parameters": {"message": "x", "subject": "y", "z": 1}}, "parameters.z: Extra inputs"),
        ({"run": {"id": "x"}}, "run.application: Field required"),
    ],
)
def test_malformed_event_error_names_field(world: TaskWorld, change: dict[str, Any], output: str) -> None:
    with pytest.raises(TaskFailed) as failed:
        world.call("notify", world.first_event(message="x", subject="y") | change)
    assert failed.value.error == "InvalidInput"
    assert "the event of notify is malformed" in failed.value.cause
    assert output in failed.value.cause


def test_polling_task_records_start_once_and_end(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters())
    assert world.event_names() == ["step.started", "protection.lost", "step.done"]
    done = world.journal[-1]
    assert (done.step, done.attempt, done.facts["task"]) == ("step", 1, "drs_recover")
    waits = [entry.detail for entry in world.journal if entry.event == "step.waiting"]
    assert [wait.endswith("started for 2") for wait in waits] == [True], "only what differs is recorded"


def test_permanent_error_is_recorded_and_raised_unchanged(world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match="NotFound"):
        world.poll_once("drs_recover", **recover_parameters("mail"))
    entry = world.journal[-1]
    assert (entry.event.value, entry.facts["error"]) == ("step.failed", "NotFound")


def test_transient_error_is_not_recorded_as_step_failure(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("drs:DescribeJobs", FaultKind.THROTTLED, times=3)
    progress = world.look_once("drs_recover", **recover_parameters())
    assert world.event_names() == ["step.started"]
    assert world.journal[-1].detail.startswith("Throttled: drs:DescribeJobs")
    assert progress["status"] == "waiting"
    assert str(progress["detail"]).startswith("Throttled: drs:DescribeJobs")


def test_throttled_poll_waits_as_long_as_drs_asks(world: TaskWorld) -> None:
    world.drs.throttle_operation(TARGET, "DescribeJobs", times=3, retry_after_seconds=90)
    progress = world.poll_once("drs_recover", **recover_parameters())
    assert (progress["status"], progress["wait_seconds"]) == ("waiting", 90)


def test_unrecorded_failure_is_still_raised(world: TaskWorld) -> None:
    rule = world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ACCESS_DENIED, times=99)
    with pytest.raises(TaskFailed, match="NotFound"):
        world.poll_once("drs_recover", **recover_parameters("mail"))
    assert rule.injected_count == 1
    assert world.event_names() == ["step.started"]


def test_task_does_nothing_when_journal_write_fails(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("dynamodb:TransactWriteItems", FaultKind.ACCESS_DENIED, times=99)
    with pytest.raises(TaskFailed, match="AccessDenied: dynamodb:TransactWriteItems"):
        world.poll_once("drs_recover", **recover_parameters())
    assert world.launch_jobs() == []


def test_log_lines_have_run_and_step(world: TaskWorld) -> None:
    lines = log_lines(lambda: world.poll_once("drs_recover", **recover_parameters()))
    assert lines
    for line in lines:
        assert (line["run"], line["step"], line["task"]) == (world.run["id"], "step", "drs_recover")
        assert (line["application"], line["attempt"]) == ("website", "1")


def test_concurrent_invocations_keep_separate_log_keys(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault(
        "drs:DescribeJobs", FaultKind.SERVER_ERROR, times=2
    )  # one waits, in botocore's back-off

    def both() -> None:
        other = world.first_event(step="other", message="x", subject="y")
        world.engine.clock.call_later(0.01, lambda: world.call("notify", other))
        world.poll_once("drs_recover", **recover_parameters())
        world.advance(5)

    lines = log_lines(both)
    assert {(line["task"], line["step"]) for line in lines} == {("drs_recover", "step"), ("notify", "other")}


def log_lines(do: Any) -> list[dict[str, Any]]:
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


def test_each_call_emits_metrics(world: TaskWorld, capsys: pytest.CaptureFixture[str]) -> None:
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(
        TARGET, "leeward-notify", load_handler("notify"), environment=environment
    )
    event = world.first_event(message="x", subject="y")
    world.engine.functions.invoke_in_new_task(function, json.dumps(event))
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]
    (line,) = [each for each in lines if "task" in each]
    assert (line["task"], line["application"], line["TaskDone"]) == ("notify", "website", [1.0])
