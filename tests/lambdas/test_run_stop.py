"""The last task of a run that failed: the execution ends with the run's own account, whatever breaks meanwhile."""

from __future__ import annotations

import json

import pytest

from leeward.control.outcome.step_failure import readable_cause
from leeward.twin.engine import FaultKind
from tests.lambdas.test_run_begin_and_end import EXECUTION, begin, end, unexpected_error
from tests.support.nonempty import nonempty
from tests.support.task_world import ENVIRONMENT, TaskWorld, load_handler


def failing_execution(world: TaskWorld) -> tuple[str, str]:
    """An execution that a run's last task is to fail, and the account that the run's end gave."""
    begin(world)
    output = end(world, step="step", error="LaunchFailed", cause="no capacity")
    parameters = {"error": output["error"], "cause": output["cause"], "attempts": {"step": 1}, "lock_home": None}
    failure = {"step": "step", "error": "LaunchFailed", "cause": "no capacity"}
    world.engine.functions.register("us-west-2", "leeward-run-stop", load_handler("run_stop"), environment=ENVIRONMENT)
    payload = {"run": world.run, "parameters": parameters | {"failure": failure}, "token.$": "$$.Task.Token"}
    stop = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "leeward-run-stop", "Payload": payload},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Stop", "States": {"Stop": stop}})
    machine = world.engine.create_state_machine("us-west-2", "website-failover", definition)
    return machine, str(output["cause"])


@pytest.mark.parametrize(
    ("operation", "redrives"),
    [("dynamodb:GetItem", 1), ("dynamodb:Query", 2), ("dynamodb:PutItem", 2), ("stepfunctions:DescribeExecution", 2)],
)
@pytest.mark.parametrize("fault", [FaultKind.THROTTLED, FaultKind.ACCESS_DENIED])
def test_execution_fails_with_run_summary_despite_read_errors(
    world: TaskWorld, operation: str, redrives: int, fault: FaultKind
) -> None:
    machine, account = failing_execution(world)
    rule = world.engine.interceptor.inject_fault(operation, fault, times=None)
    execution = world.engine.start_execution(machine, name="run-1", execution_input={})
    assert execution == EXECUTION
    ended = world.engine.wait_for_execution(execution)
    assert (ended.status, ended.error, ended.cause) == ("FAILED", "LaunchFailed", account)
    rule.nth = 1_000_000  # it is over
    for _ in nonempty(range(redrives)):
        assert ended.status == "FAILED"
        world.engine.redrive_execution(execution)
        ended = world.engine.wait_for_execution(execution)
    assert ended.status == "SUCCEEDED"


def test_failed_resume_is_reported_and_can_be_repeated(world: TaskWorld) -> None:
    machine, account = failing_execution(world)
    execution = world.engine.start_execution(machine, name="run-1", execution_input={})
    world.engine.wait_for_execution(execution)
    rule = world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ACCESS_DENIED, nth=2, times=None)
    world.engine.redrive_execution(execution)
    ended = world.engine.wait_for_execution(execution)
    assert (ended.status, ended.error) == ("FAILED", "AccessDenied")
    assert "dynamodb:PutItem" in (ended.cause or "")
    assert account in (ended.cause or "")
    rule.nth = 1_000_000
    world.engine.redrive_execution(execution)
    assert world.engine.wait_for_execution(execution).status == "SUCCEEDED"


def test_unexpected_error_in_run_stop_keeps_summary(world: TaskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, account = failing_execution(world)
    monkeypatch.setattr("leeward.lambdas.run_stop.step_scratchpad.write_note_once", unexpected_error)
    ended = world.engine.wait_for_execution(world.engine.start_execution(machine, name="run-1", execution_input={}))
    assert (ended.status, ended.error) == ("FAILED", "EndUntold")
    assert (readable_cause(ended.cause) or "").startswith(account)
