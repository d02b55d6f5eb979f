"""A run that stopped is redriven, and goes on at the step that failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from leeward.common.naming.resource_names import table_name
from leeward.common.polling import PollResult
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_parameters import GroupParameters
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails, OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.twin.interception import FaultKind
from leeward.twin.interception.calls.aws_calls import CallTarget
from tests.support.paths import REPOSITORY
from tests.support.website_session import (
    WEST,
    compile_website,
    count_recovery_jobs,
    replace_text,
    routing_changed,
    website_session,
)

RECOVER = "Recover the servers"
ONE_FAILS = LaunchFails(kind="launch-fails", group="home-page", times=1)


def start_run(stage: RehearsalSession, name: str = "first", **run_input: Any) -> RehearsedRun:
    return stage.start_run(name, {"approve": True, **run_input})


def run_to_failure(stage: RehearsalSession, **run_input: Any) -> RehearsedRun:
    run = start_run(stage, **run_input)
    assert stage.wait_for_end(run).status == "FAILED"
    return run


def events_named(stage: RehearsalSession, run: RehearsedRun, event: str) -> list[str]:
    return [entry.detail for entry in stage.journals.journal(run) if entry.event == event]


def lock_holder_of(stage: RehearsalSession) -> Any:
    answer = stage.engine.client("dynamodb", WEST).get_item(
        TableName=table_name("website"), Key={"pk": {"S": "LOCK#website"}, "sk": {"S": "LOCK"}}
    )
    return answer.get("Item", {}).get("run", {}).get("S")


def test_resume_reacquires_lock_and_continues_at_failed_step() -> None:
    with website_session(ONE_FAILS, failed_region=None) as stage:
        run = run_to_failure(stage)
        assert lock_holder_of(stage) is None
        stage.engine.redrive_execution(run.execution)
        stage.engine.clock.sleep(60)
        assert lock_holder_of(stage) == run.id, "no other run may start meanwhile"
        assert stage.wait_for_end(run).status == "SUCCEEDED"
        assert lock_holder_of(stage) is None
        assert events_named(stage, run, "run.resumed") == [
            "redriven: goes on at recover_the_servers, which had failed of LaunchFailed"
        ]
        assert events_named(stage, run, "run.ended") == ["failed", "succeeded"]
        assert count_recovery_jobs(stage) == 4, "only the server that did not launch is launched again"
        assert routing_changed(stage)
        begun_steps = [e.step for e in stage.journals.journal(run) if e.event == "step.started"]
        assert begun_steps.count("take_the_lock") == 1
        recovered = next(step for step in run.progress.steps if step.name == RECOVER)
        assert recovered.status == "done"
        reported = build_evidence(run.id, stage.journals.chain_links(run))
        assert (reported.outcome, reported.error) == ("succeeded", None), "the report tells of the end that stands"


def test_resumed_run_that_fails_can_be_resumed_again() -> None:
    twice = LaunchFails(kind="launch-fails", group="home-page", times=2)
    with website_session(twice, failed_region=None) as stage:
        run = run_to_failure(stage)
        stage.engine.redrive_execution(run.execution)
        again = stage.wait_for_end(run)
        assert (again.status, again.error) == ("FAILED", "LaunchFailed")
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"
        assert events_named(stage, run, "run.ended") == ["failed", "failed", "succeeded"]


def test_resume_fails_while_another_run_holds_lock() -> None:
    with website_session(ONE_FAILS, failed_region=None) as stage:
        run = run_to_failure(stage)
        other = start_run(stage, "second")
        stage.engine.clock.sleep(30)
        stage.engine.redrive_execution(run.execution)
        refused = stage.wait_for_end(run)
        assert (refused.status, refused.error) == ("FAILED", "LockHeld")
        assert other.id in (refused.cause or "")
        assert lock_holder_of(stage) == other.id
        assert events_named(stage, run, "run.ended")[-1].startswith("not resumed: LockHeld")
        assert stage.wait_for_end(other).status == "FAILED", "the first run's instances stand in its way"
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED", "once the other has let go, it may"


def test_stopped_run_keeps_lock_and_resumes() -> None:
    with website_session(failed_region=None) as stage:
        run = start_run(stage)
        stage.engine.clock.sleep(60)
        sfn = stage.engine.client("stepfunctions", WEST)
        sfn.stop_execution(executionArn=run.execution, error="Stopped", cause="by hand")
        assert stage.wait_for_end(run).status == "ABORTED"
        assert lock_holder_of(stage) == run.id
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"
        assert count_recovery_jobs(stage) == 3
        assert lock_holder_of(stage) is None


def test_taken_over_run_does_nothing_when_resumed() -> None:
    with website_session(failed_region=None) as stage:
        run = start_run(stage)
        stage.engine.clock.sleep(60)
        stage.engine.client("stepfunctions", WEST).stop_execution(executionArn=run.execution)
        stage.wait_for_end(run)
        other = start_run(stage, "second", take_over=run.id)
        stage.engine.clock.sleep(30)
        stage.engine.redrive_execution(run.execution)
        ended = stage.wait_for_end(run)
        assert ended.status == "FAILED"
        assert "LockLost" in f"{ended.error} {ended.cause}"
        assert stage.wait_for_end(other).status == "SUCCEEDED"
        assert count_recovery_jobs(stage) == 3


def test_undone_run_cannot_be_resumed() -> None:
    drill = compile_website(name="drill")
    with website_session(ONE_FAILS, ready=drill, failed_region=None) as stage:
        run = stage.start_run("first", {})
        assert stage.wait_for_end(run).status == "FAILED"
        stage.engine.redrive_execution(run.execution)
        ended = stage.wait_for_end(run)
        assert (ended.status, ended.error) == ("FAILED", "Refused")
        assert "rolled back" in (ended.cause or "")


def test_unexpected_error_keeps_lock_and_can_be_resumed() -> None:
    edit = replace_text("  - name: Protect", "  - name: Breathe\n    kind: wait\n    for: 1m\n\n  - name: Protect")
    with website_session(failed_region=None, ready=compile_website(edit)) as stage:
        handler = stage.engine.functions.find("leeward-drs-protect", WEST)
        stage.engine.functions.register(WEST, "leeward-drs-protect", _raise_unexpected, environment=handler.environment)
        run = run_to_failure(stage)
        assert lock_holder_of(stage) == run.id
        stage.engine.functions.register(WEST, "leeward-drs-protect", handler.handler, environment=handler.environment)
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"


@task(WaitingEvent[GroupParameters])
def _raise_unexpected(_event: WaitingEvent[GroupParameters], _context: TaskContext) -> PollResult:
    raise ZeroDivisionError("a defect")


def test_rejected_approval_is_asked_again_on_resume() -> None:
    with website_session(failed_region=None, operator=OperatorSettings(approval="reject")) as stage:
        run = stage.start_run("first", {})
        assert stage.wait_for_end(run).error == "Rejected"
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).error == "Rejected"
        assert len(events_named(stage, run, "question.asked")) == 2


@pytest.mark.verify("two complete runs")
def test_run_with_failed_undo_cannot_be_resumed() -> None:
    """A step fails because its table is throttled, and the rollback closes what the previous step had opened. The
    rollback's result can't be read. A run that resumed at the failed step would move users to a Region without writes.
    """
    with open_sweep_session(SweepTarget(REPOSITORY, "ticketing", "failback-weighted", 7)) as (stage, ready):
        throttled = _Throttled(stage, "leeward-route53-shift")
        stage.engine.interceptor.fault_plan = throttled.call
        run, first = play_run(stage, ready, "first", {})
        stage.engine.interceptor.fault_plan = None
        said = f'start failback-weighted of ticketing again with {{"take_over": "{run.id}"}}'
        assert f"{said}, because this run was partly rolled back" in (first.cause or "")
        assert "Also failed: Open eu-west-1 to writes" in (first.cause or "")
        stage.engine.redrive_execution(run.execution)
        refused = stage.wait_for_end(run)
        assert (refused.error, said in (refused.cause or "")) == ("Refused", True)
        again = play_run(stage, ready, "again", {"take_over": run.id})[1]
        assert again.outcome is ExecutionOutcome.SUCCEEDED, again.cause


class _Throttled:
    """Throttles the run's reads of tables for ten minutes, from the first read by `function`."""

    def __init__(self, stage: RehearsalSession, function: str) -> None:
        self._clock, self._function = stage.engine.clock, function
        self._until: datetime | None = None

    def call(self, target: CallTarget, caller: str) -> FaultKind | None:
        if target.name != "dynamodb:GetItem" or not caller.startswith("leeward-"):
            return None
        if self._until is None and caller == self._function:
            self._until = self._clock.now() + timedelta(minutes=10)
        return FaultKind.THROTTLED if self._until is not None and self._clock.now() < self._until else None
