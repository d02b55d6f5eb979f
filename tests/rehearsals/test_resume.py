"""A run that stopped is redriven, and goes on at the step that failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from leeward.common.naming.resource_names import table_name
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails, OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.twin.interception import FaultKind as Strike
from leeward.twin.interception.calls.aws_calls import CallTarget
from tests.rehearsals.drills import WEST, jobs_started, replacing, users_moved, website, website_stage

ROOT = Path(__file__).parents[2]
RECOVER = "Recover the servers"
ONE_FAILS = LaunchFails(kind="launch-fails", group="home-page", times=1)


def begun(stage: RehearsalSession, name: str = "first", **run_input: Any) -> RehearsedRun:
    return stage.start_run(name, {"approve": True, **run_input})


def stopped(stage: RehearsalSession, **run_input: Any) -> RehearsedRun:
    run = begun(stage, **run_input)
    assert stage.wait_for_end(run).status == "FAILED"
    return run


def told(stage: RehearsalSession, run: RehearsedRun, event: str) -> list[str]:
    return [entry.detail for entry in stage.journals.journal(run) if entry.event == event]


def lock_of(stage: RehearsalSession) -> Any:
    answer = stage.engine.client("dynamodb", WEST).get_item(
        TableName=table_name("website"), Key={"pk": {"S": "LOCK#website"}, "sk": {"S": "LOCK"}}
    )
    return answer.get("Item", {}).get("run", {}).get("S")


def test_a_run_whose_lock_was_let_go_takes_it_again_and_goes_on_at_the_failed_step() -> None:
    with website_stage(ONE_FAILS, dark=None) as stage:
        run = stopped(stage)
        assert lock_of(stage) is None
        stage.engine.redrive_execution(run.execution)
        stage.engine.clock.sleep(60)
        assert lock_of(stage) == run.id, "while it goes on, nobody else may start"
        assert stage.wait_for_end(run).status == "SUCCEEDED"
        assert lock_of(stage) is None
        assert told(stage, run, "run.resumed") == [
            "redriven: goes on at recover_the_servers, which had failed of LaunchFailed"
        ]
        assert told(stage, run, "run.ended") == ["failed", "succeeded"]
        assert jobs_started(stage) == 4, "only the server that did not launch is launched again"
        assert users_moved(stage)
        begun_steps = [e.step for e in stage.journals.journal(run) if e.event == "step.started"]
        assert begun_steps.count("take_the_lock") == 1
        recovered = next(step for step in run.progress.steps if step.name == RECOVER)
        assert recovered.status == "done"
        told_of = build_evidence(run.id, stage.journals.chain_links(run))
        assert (told_of.outcome, told_of.error) == ("succeeded", None), "the report tells of the end that stands"


def test_a_run_that_fails_again_stops_again_and_can_be_resumed_again() -> None:
    twice = LaunchFails(kind="launch-fails", group="home-page", times=2)
    with website_stage(twice, dark=None) as stage:
        run = stopped(stage)
        stage.engine.redrive_execution(run.execution)
        again = stage.wait_for_end(run)
        assert (again.status, again.error) == ("FAILED", "LaunchFailed")
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"
        assert told(stage, run, "run.ended") == ["failed", "failed", "succeeded"]


def test_it_is_not_resumed_while_another_run_holds_the_lock() -> None:
    with website_stage(ONE_FAILS, dark=None) as stage:
        run = stopped(stage)
        other = begun(stage, "second")
        stage.engine.clock.sleep(30)
        stage.engine.redrive_execution(run.execution)
        refused = stage.wait_for_end(run)
        assert (refused.status, refused.error) == ("FAILED", "LockHeld")
        assert other.id in (refused.cause or "")
        assert lock_of(stage) == other.id
        assert told(stage, run, "run.ended")[-1].startswith("not resumed: LockHeld")
        assert stage.wait_for_end(other).status == "FAILED", "the first run's instances stand in its way"
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED", "once the other has let go, it may"


def test_a_run_that_was_stopped_keeps_its_lock_and_goes_on_as_itself() -> None:
    with website_stage(dark=None) as stage:
        run = begun(stage)
        stage.engine.clock.sleep(60)
        sfn = stage.engine.client("stepfunctions", WEST)
        sfn.stop_execution(executionArn=run.execution, error="Stopped", cause="by hand")
        assert stage.wait_for_end(run).status == "ABORTED"
        assert lock_of(stage) == run.id
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"
        assert jobs_started(stage) == 3
        assert lock_of(stage) is None


def test_one_that_was_taken_over_from_meanwhile_does_nothing_more() -> None:
    with website_stage(dark=None) as stage:
        run = begun(stage)
        stage.engine.clock.sleep(60)
        stage.engine.client("stepfunctions", WEST).stop_execution(executionArn=run.execution)
        stage.wait_for_end(run)
        other = begun(stage, "second", take_over=run.id)
        stage.engine.clock.sleep(30)
        stage.engine.redrive_execution(run.execution)
        ended = stage.wait_for_end(run)
        assert ended.status == "FAILED"
        assert "LockLost" in f"{ended.error} {ended.cause}"
        assert stage.wait_for_end(other).status == "SUCCEEDED"
        assert jobs_started(stage) == 3


def test_what_was_taken_back_is_started_anew_and_not_resumed() -> None:
    drill = website(name="drill")
    with website_stage(ONE_FAILS, ready=drill, dark=None) as stage:
        run = stage.start_run("first", {})
        assert stage.wait_for_end(run).status == "FAILED"
        stage.engine.redrive_execution(run.execution)
        ended = stage.wait_for_end(run)
        assert (ended.status, ended.error) == ("FAILED", "Refused")
        assert "taken back" in (ended.cause or "")


def test_an_unforeseen_failure_keeps_the_lock_and_can_be_resumed() -> None:
    edit = replacing("  - name: Protect", "  - name: Breathe\n    kind: wait\n    for: 1m\n\n  - name: Protect")
    with website_stage(dark=None, ready=website(edit)) as stage:
        handler = stage.engine.functions.find("leeward-drs-protect", WEST)
        stage.engine.functions.register(WEST, "leeward-drs-protect", _defect, environment=handler.environment)
        run = stopped(stage)
        assert lock_of(stage) == run.id
        stage.engine.functions.register(WEST, "leeward-drs-protect", handler.handler, environment=handler.environment)
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"


def _defect(event: Any, context: Any) -> Any:
    raise ZeroDivisionError("a defect")


def test_a_rejected_approval_asks_again_when_resumed() -> None:
    with website_stage(dark=None, operator=OperatorSettings(approval="reject")) as stage:
        run = stage.start_run("first", {})
        assert stage.wait_for_end(run).error == "Rejected"
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).error == "Rejected"
        assert len(told(stage, run, "question.asked")) == 2


def test_where_taking_back_fails_in_its_turn_it_is_started_anew_and_not_resumed() -> None:
    """A step fails, its table throttled, and what the step before it had opened is closed again; nobody can read that
    it is. Resumed at the step, the run led the users to a Region that took no writes."""
    with open_sweep_session(SweepTarget(ROOT, "ticketing", "failback-weighted", 7)) as (stage, ready):
        throttled = _Throttled(stage, "leeward-route53-shift")
        stage.engine.interceptor.fault_plan = throttled.call
        run, first = play_run(stage, ready, "first", {})
        stage.engine.interceptor.fault_plan = None
        said = f'start failback-weighted of ticketing again with {{"take_over": "{run.id}"}}'
        assert f"{said}: what was done was taken back, as far as that went" in (first.cause or "")
        assert "Also failed: Open eu-west-1 to writes" in (first.cause or "")
        stage.engine.redrive_execution(run.execution)
        refused = stage.wait_for_end(run)
        assert (refused.error, said in (refused.cause or "")) == ("Refused", True)
        again = play_run(stage, ready, "again", {"take_over": run.id})[1]
        assert again.outcome is ExecutionOutcome.SUCCEEDED, again.cause


class _Throttled:
    """No table can be read by the run for ten minutes, from the first time that `function` asks it."""

    def __init__(self, stage: RehearsalSession, function: str) -> None:
        self._clock, self._function = stage.engine.clock, function
        self._until: datetime | None = None

    def call(self, target: CallTarget, caller: str) -> Strike | None:
        if target.name != "dynamodb:GetItem" or not caller.startswith("leeward-"):
            return None
        if self._until is None and caller == self._function:
            self._until = self._clock.now() + timedelta(minutes=10)
        return Strike.THROTTLED if self._until is not None and self._clock.now() < self._until else None
