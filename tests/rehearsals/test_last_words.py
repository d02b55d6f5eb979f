"""What the execution of a failed run says last, where the call that is to say it fails."""

from __future__ import annotations

import pytest

from leeward.control.failure import plain_cause
from leeward.twin.rehearsal import follow
from leeward.twin.report import Outcome
from leeward.twin.wire import Fault as Strike
from leeward.twin.world.documents import CallFails
from tests.rehearsals.drills import website_stage
from tests.rehearsals.test_resume import ONE_FAILS, begun, stopped, told

EXIT = "Runtime.ExitError"


def test_a_lost_answer_at_the_stop_does_not_hide_the_failure() -> None:
    lost = CallFails(kind="call", operation="states:SendTaskFailure", fault="answer-lost", nth=1)
    with website_stage(ONE_FAILS, lost, dark=None) as stage:
        run = begun(stage)
        ended = stage.finish(run)
        assert (ended.status, ended.error) == ("FAILED", "LaunchFailed")


@pytest.mark.parametrize(("function", "times", "error"), [("run-stop", 1, "LaunchFailed"), ("drs-protect", 99, EXIT)])
def test_a_process_that_dies_does_not_take_the_runs_last_words_with_it(function: str, times: int, error: str) -> None:
    """Of its last task, once; or of a step's, each time, so that the last task is ordered to fail by that very name."""
    faults = [ONE_FAILS] if function == "run-stop" else []
    deaths = iter(range(times))
    with website_stage(*faults, dark=None) as stage:
        stage.engine.wire.plan = lambda _, caller: (
            Strike.KILLED_BEFORE if caller == f"leeward-{function}" and next(deaths, None) is not None else None
        )
        run = begun(stage)
        ended = stage.finish(run)
        assert (ended.status, ended.error) == ("FAILED", error)
        assert f"Now: mend the cause; `leeward resume {run.id}`" in (ended.cause or "")
        stage.engine.wire.plan = None
        stage.engine.redrive(run.execution)
        assert stage.finish(run).status == "SUCCEEDED"


@pytest.mark.parametrize("strike", [Strike.THROTTLED, Strike.DENIED])
def test_where_step_functions_does_not_take_it_for_long_the_account_is_in_the_error(strike: Strike) -> None:
    with website_stage(ONE_FAILS, dark=None) as stage:
        rule = stage.engine.wire.fail("stepfunctions:SendTaskFailure", strike, times=None)
        run = begun(stage)
        result = follow(stage, run)
        assert (result.outcome, result.error) == (Outcome.FAILED, "EndUntold")
        lines = (result.cause or "").splitlines()
        assert lines[0] == f"Run {run.id} (us-east-1 -> us-west-2) failed."
        assert lines[1].startswith("Failed: Recover the servers: LaunchFailed: ")
        assert any(f"`leeward resume {run.id}`" in line for line in lines)
        assert lines[-1].startswith("Untold: the execution could neither be ended so nor go on: states:SendTask")
        assert all(each.held for each in result.invariants if each.name == "truth")
        rule.nth = 1_000_000  # it is over
        stage.engine.redrive(run.execution)
        assert stage.finish(run).status == "SUCCEEDED"


def test_it_is_said_again_where_step_functions_takes_it_a_minute_later() -> None:
    with website_stage(ONE_FAILS, dark=None) as stage:
        stage.engine.wire.fail("stepfunctions:SendTaskFailure", Strike.DENIED, times=3)
        ended = stage.finish(begun(stage))
        assert (ended.status, ended.error) == ("FAILED", "LaunchFailed")


@pytest.mark.parametrize(("times", "status"), [(3, "SUCCEEDED"), (None, "FAILED")])
def test_a_run_that_is_to_go_on_and_cannot_be_told_so_is_told_again_or_resumed_once_more(
    times: int | None, status: str
) -> None:
    with website_stage(ONE_FAILS, dark=None) as stage:
        run = stopped(stage)
        rule = stage.engine.wire.fail("stepfunctions:SendTaskSuccess", Strike.DENIED, times=times)
        stage.engine.redrive(run.execution)
        ended = stage.finish(run)
        assert ended.status == status
        assert len(told(stage, run, "run.resumed")) == 1
        if status == "FAILED":
            assert ended.error == "EndUntold"
            assert (plain_cause(ended.cause) or "").startswith(f"Run {run.id} ")
            rule.nth = 1_000_000
            stage.engine.redrive(run.execution)
            assert stage.finish(run).status == "SUCCEEDED"
            assert len(told(stage, run, "run.resumed")) == 1
