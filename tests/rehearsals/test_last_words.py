"""What the execution of a failed run says last, where the call that is to say it fails."""

from __future__ import annotations

import pytest

from leeward.control.outcome.step_failure import readable_cause
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.runner.single_rehearsal import complete_run
from leeward.rehearsal.scenarios.scenario_documents import CallFails
from leeward.twin.interception import FaultKind as Strike
from tests.rehearsals.drills import website_stage
from tests.rehearsals.test_resume import ONE_FAILS, begun, stopped, told

EXIT = "Runtime.ExitError"


def test_a_lost_answer_at_the_stop_does_not_hide_the_failure() -> None:
    lost = CallFails(kind="call", operation="states:SendTaskFailure", fault="answer-lost", nth=1)
    with website_stage(ONE_FAILS, lost, dark=None) as stage:
        run = begun(stage)
        ended = stage.wait_for_end(run)
        assert (ended.status, ended.error) == ("FAILED", "LaunchFailed")


@pytest.mark.parametrize(("function", "times", "error"), [("run-stop", 1, "LaunchFailed"), ("drs-protect", 99, EXIT)])
def test_a_process_that_dies_does_not_take_the_runs_last_words_with_it(function: str, times: int, error: str) -> None:
    """Of its last task, once; or of a step's, each time, so that the last task is ordered to fail by that very name."""
    faults = [ONE_FAILS] if function == "run-stop" else []
    deaths = iter(range(times))
    with website_stage(*faults, dark=None) as stage:
        stage.engine.interceptor.fault_plan = lambda _, caller: (
            Strike.KILLED_BEFORE_CALL if caller == f"leeward-{function}" and next(deaths, None) is not None else None
        )
        run = begun(stage)
        ended = stage.wait_for_end(run)
        assert (ended.status, ended.error) == ("FAILED", error)
        assert f"Now: mend the cause; `leeward resume {run.id}`" in (ended.cause or "")
        stage.engine.interceptor.fault_plan = None
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"


@pytest.mark.parametrize("strike", [Strike.THROTTLED, Strike.ACCESS_DENIED])
def test_where_step_functions_does_not_take_it_for_long_the_account_is_in_the_error(strike: Strike) -> None:
    with website_stage(ONE_FAILS, dark=None) as stage:
        rule = stage.engine.interceptor.inject_fault("stepfunctions:SendTaskFailure", strike, times=None)
        run = begun(stage)
        result = complete_run(stage, run)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "EndUntold")
        lines = (result.cause or "").splitlines()
        assert lines[0] == f"Run {run.id} (us-east-1 -> us-west-2) failed."
        assert lines[1].startswith("Failed: Recover the servers: LaunchFailed: ")
        assert any(f"`leeward resume {run.id}`" in line for line in lines)
        assert lines[-1].startswith("Untold: the execution could neither be ended so nor go on: states:SendTask")
        assert all(each.held for each in result.invariants if each.name == "truth")
        rule.nth = 1_000_000  # it is over
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"


def test_it_is_said_again_where_step_functions_takes_it_a_minute_later() -> None:
    with website_stage(ONE_FAILS, dark=None) as stage:
        stage.engine.interceptor.inject_fault("stepfunctions:SendTaskFailure", Strike.ACCESS_DENIED, times=3)
        ended = stage.wait_for_end(begun(stage))
        assert (ended.status, ended.error) == ("FAILED", "LaunchFailed")


@pytest.mark.parametrize(("times", "status"), [(3, "SUCCEEDED"), (None, "FAILED")])
def test_a_run_that_is_to_go_on_and_cannot_be_told_so_is_told_again_or_resumed_once_more(
    times: int | None, status: str
) -> None:
    with website_stage(ONE_FAILS, dark=None) as stage:
        run = stopped(stage)
        rule = stage.engine.interceptor.inject_fault("stepfunctions:SendTaskSuccess", Strike.ACCESS_DENIED, times=times)
        stage.engine.redrive_execution(run.execution)
        ended = stage.wait_for_end(run)
        assert ended.status == status
        assert len(told(stage, run, "run.resumed")) == 1
        if status == "FAILED":
            assert ended.error == "EndUntold"
            assert (readable_cause(ended.cause) or "").startswith(f"Run {run.id} ")
            rule.nth = 1_000_000
            stage.engine.redrive_execution(run.execution)
            assert stage.wait_for_end(run).status == "SUCCEEDED"
            assert len(told(stage, run, "run.resumed")) == 1
