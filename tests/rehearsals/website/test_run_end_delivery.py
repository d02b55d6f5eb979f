"""What the execution of a failed run says last, where the call that is to say it fails."""

from __future__ import annotations

import pytest

from leeward.control.outcome.step_failure import readable_cause
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.runner.single_rehearsal import complete_run
from leeward.rehearsal.scenarios.scenario_documents import CallFails
from leeward.twin.interception import FaultKind
from tests.rehearsals.website.test_resume import ONE_FAILS, events_named, run_to_failure, start_run
from tests.support.nonempty import nonempty
from tests.support.website_session import website_session

EXIT = "Runtime.ExitError"


def test_lost_send_task_failure_response_keeps_error() -> None:
    lost = CallFails(kind="call", operation="states:SendTaskFailure", fault="answer-lost", nth=1)
    with website_session(ONE_FAILS, lost, failed_region=None) as stage:
        run = start_run(stage)
        ended = stage.wait_for_end(run)
        assert (ended.status, ended.error) == ("FAILED", "LaunchFailed")


@pytest.mark.parametrize(("function", "times", "error"), [("run-stop", 1, "LaunchFailed"), ("drs-protect", 99, EXIT)])
def test_killed_function_keeps_run_summary(function: str, times: int, error: str) -> None:
    """Of its last task, once; or of a step's, each time, so that the last task is ordered to fail by that very name."""
    faults = [ONE_FAILS] if function == "run-stop" else []
    deaths = iter(range(times))
    with website_session(*faults, failed_region=None) as stage:
        stage.engine.interceptor.kill_plan = lambda _, caller: (
            caller == f"leeward-{function}" and next(deaths, None) is not None
        )
        run = start_run(stage)
        ended = stage.wait_for_end(run)
        assert (ended.status, ended.error) == ("FAILED", error)
        assert f"Now: fix the cause; `leeward resume {run.id}`" in (ended.cause or "")
        stage.engine.interceptor.kill_plan = None
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"


@pytest.mark.parametrize("strike", [FaultKind.THROTTLED, FaultKind.ACCESS_DENIED])
def test_rejected_send_task_failure_puts_summary_in_cause(strike: FaultKind) -> None:
    with website_session(ONE_FAILS, failed_region=None) as stage:
        rule = stage.engine.interceptor.inject_fault("stepfunctions:SendTaskFailure", strike, times=None)
        run = start_run(stage)
        result = complete_run(stage, run)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "EndUntold")
        lines = (result.cause or "").splitlines()
        assert lines[0] == f"Run {run.id} (us-east-1 -> us-west-2) failed."
        assert lines[1].startswith("Failed: Recover the servers: LaunchFailed: ")
        assert any(f"`leeward resume {run.id}`" in line for line in lines)
        assert lines[-1].startswith("Untold: the execution could be neither failed nor resumed: states:SendTask")
        assert all(each.held for each in nonempty(result.invariants) if each.name == "truth")
        rule.nth = 1_000_000  # it is over
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"


def test_send_task_failure_is_retried_until_accepted() -> None:
    with website_session(ONE_FAILS, failed_region=None) as stage:
        stage.engine.interceptor.inject_fault("stepfunctions:SendTaskFailure", FaultKind.ACCESS_DENIED, times=3)
        ended = stage.wait_for_end(start_run(stage))
        assert (ended.status, ended.error) == ("FAILED", "LaunchFailed")


@pytest.mark.parametrize(("times", "status"), [(3, "SUCCEEDED"), (None, "FAILED")])
def test_rejected_resume_is_retried_or_can_be_resumed_again(times: int | None, status: str) -> None:
    with website_session(ONE_FAILS, failed_region=None) as stage:
        run = run_to_failure(stage)
        rule = stage.engine.interceptor.inject_fault(
            "stepfunctions:SendTaskSuccess", FaultKind.ACCESS_DENIED, times=times
        )
        stage.engine.redrive_execution(run.execution)
        ended = stage.wait_for_end(run)
        assert ended.status == status
        assert len(events_named(stage, run, "run.resumed")) == 1
        if status == "FAILED":
            assert ended.error == "EndUntold"
            assert (readable_cause(ended.cause) or "").startswith(f"Run {run.id} ")
            rule.nth = 1_000_000
            stage.engine.redrive_execution(run.execution)
            assert stage.wait_for_end(run).status == "SUCCEEDED"
            assert len(events_named(stage, run, "run.resumed")) == 1
