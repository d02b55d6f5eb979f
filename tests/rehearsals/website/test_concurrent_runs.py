"""Several runs of one application at once, from one Region or two, with a Region dark or back again: the lock holds.

The rule is docs/adr/0008.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from leeward.common.aws.tables.state_table import StateTable
from leeward.common.naming import resource_names
from leeward.control.approvals.questions import open_questions
from leeward.control.locking.application_lock import current_holder
from leeward.control.locking.lock_records import guard_key, read_holders
from leeward.rehearsal.assessment.run_assessment import assess_run
from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus
from leeward.rehearsal.scenarios.scenario_documents import OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from tests.support.nonempty import nonempty
from tests.support.website_session import (
    EAST,
    WEST,
    broken_invariants,
    compile_website,
    count_recovery_jobs,
    website_session,
)

FAILBACK = compile_website(name="failback")
# A failback that has nothing to come back from asks what to do, and waits.
SILENT_OPERATOR = OperatorSettings(failure="silence", approval="silence")
TABLE_PK = "LOCK#website"


def wait(stage: RehearsalSession, minutes: float) -> None:
    stage.wait_until(stage.engine.clock.now() + timedelta(minutes=minutes))


def status(stage: RehearsalSession, run: RehearsedRun) -> str:
    client = stage.engine.client("stepfunctions", run.way.target)
    return str(client.describe_execution(executionArn=run.execution)["status"])


def stop(stage: RehearsalSession, run: RehearsedRun) -> None:
    client = stage.engine.client("stepfunctions", run.way.target)
    client.stop_execution(executionArn=run.execution, error="Operator", cause="stopped by hand")
    assert stage.wait_for_end(run).status == "ABORTED"


def assert_one_run_continues(stage: RehearsalSession, runs: Sequence[RehearsedRun]) -> RehearsedRun:
    """Of runs started at once, one goes on, and every other is told which."""
    wait(stage, 2)
    going = [run for run in runs if status(stage, run) == "RUNNING"]
    assert len(going) == 1, [status(stage, run) for run in runs]
    for run in runs:
        if run is not going[0]:
            ended = stage.wait_for_end(run)
            assert (ended.status, ended.error) == ("FAILED", "LockHeld")
            assert going[0].id in (ended.cause or "")
    return going[0]


@pytest.mark.parametrize("first", ["failover", "failback"])
def test_concurrent_failover_and_failback_run_only_one(first: str) -> None:
    with website_session(failed_region=None, also=[FAILBACK], operator=SILENT_OPERATOR) as stage:
        second = "failback" if first == "failover" else "failover"
        runs = [stage.start_run(f"by-{name}", {}, runbook=name) for name in (first, second)]
        going = assert_one_run_continues(stage, runs)
        held = stage.journals.lock_holder()
        assert held is not None
        assert held.run == going.id


def test_concurrent_failbacks_run_only_one() -> None:
    with website_session(failed_region=None, also=[FAILBACK], operator=SILENT_OPERATOR) as stage:
        assert_one_run_continues(stage, [stage.start_run(name, {}, runbook="failback") for name in ("a", "b")])


def test_alarm_and_operator_start_one_run() -> None:
    """Under one name they are one run; under two the lock decides."""
    with website_session(failed_region=None) as stage:
        alarm, again, person = (stage.start_run(name, {}) for name in ("alarm-1", "alarm-1", "by-hand"))
        assert alarm.execution == again.execution
        assert_one_run_continues(stage, [alarm, person])


def test_drill_during_failover_fails_with_lock_held() -> None:
    with website_session(also=[compile_website(name="drill")]) as stage:
        stage.wait_until(stage.incident_at)
        failover = stage.start_run("failover", {"approve": True})
        wait(stage, 3)
        drill = stage.wait_for_end(stage.start_run("drill", {}, runbook="drill"))
        assert (drill.status, drill.error) == ("FAILED", "LockHeld")
        assert failover.id in (drill.cause or "")
        assert status(stage, failover) == "RUNNING"


@pytest.mark.verify("a complete run for every step")
def test_take_over_works_after_stop_at_every_step() -> None:
    """Each run is stopped as it enters a step, and the next takes over from it; the last one arrives."""
    with website_session() as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=2))
        given: dict[str, object] = {"incident_at": stage.incident_at.isoformat(), "approve": True}
        for number, step in nonempty(enumerate(stage.main_runbook.runbook.steps)):
            run = stage.start_run(f"run-{number}", given)
            while next(s for s in run.progress.steps if s.name == step.name).status is RunStepStatus.NOT_REACHED:
                assert status(stage, run) == "RUNNING", stage.wait_for_end(run).cause
                stage.engine.clock.sleep(1)
            stop(stage, run)
            wait(stage, 1)  # a function that was under way comes to its end
            result = assess_run(stage, run, stage.wait_for_end(run), "")
            assert result.outcome is ExecutionOutcome.ABORTED
            assert broken_invariants(result) == [], step.name
            held = stage.journals.lock_holder()
            if held is not None:
                assert held.run == run.id
                given |= {"take_over": run.id}
        last = stage.start_run("last", given)
        ended = stage.wait_for_end(last)
        assert ended.status == "SUCCEEDED", ended.cause
        assert count_recovery_jobs(stage) == 3
        stage.wait_for(lambda: False, timedelta(minutes=2))
        assert broken_invariants(assess_run(stage, last, ended, "")) == []


def test_failback_stops_when_lock_region_is_unavailable() -> None:
    """The lock's holder is unknown: the run stops before it changes anything, and says how to continue."""
    with website_session(failed_region=WEST, also=[FAILBACK], operator=SILENT_OPERATOR) as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=1))
        ended = stage.wait_for_end(stage.start_run("back", {}, runbook="failback"))
        assert (ended.status, ended.error) == ("FAILED", "LockUnknown")
        assert '{"waive_lock": "us-west-2"}' in (ended.cause or "")
        waived = stage.start_run("again", {"waive_lock": WEST}, runbook="failback")
        wait(stage, 3)
        events = [str(entry.event) for entry in stage.journals.journal(waived)]
        assert "lock.waived" in events
        third = stage.wait_for_end(stage.start_run("third", {"waive_lock": WEST}, runbook="failback"))
        assert third.error == "LockHeld", "the guard keeps those apart that enter the same Region"


def test_lock_waiver_is_rejected_for_available_region() -> None:
    with website_session(failed_region=None, also=[FAILBACK], operator=SILENT_OPERATOR) as stage:
        failover = stage.start_run("there", {})
        wait(stage, 1)
        ended = stage.wait_for_end(stage.start_run("back", {"waive_lock": WEST}, runbook="failback"))
        assert ended.error == "LockHeld"
        assert failover.id in (ended.cause or "")


def test_run_in_failed_region_stops_after_take_over() -> None:
    """Its lock is taken over by name, after one question to the dark Region; when that returns, the old run stops."""
    with website_session(failed_region=None, also=[FAILBACK], operator=SILENT_OPERATOR) as stage:
        old = stage.start_run("old", {}, runbook="failback")
        wait(stage, 2)
        stage.engine.interceptor.schedule_outage(EAST, stage.engine.clock.now())
        assert status(stage, old) == "RUNNING"
        refused = stage.wait_for_end(stage.start_run("new", {}))
        assert refused.error == "LockHeld"
        new = stage.start_run("newer", {"take_over": old.id, "approve": True})
        wait(stage, 2)
        held = stage.journals.lock_holder()
        assert held is not None
        assert (held.run, held.taken_from) == (new.id, old.id)
        asked = [
            c for c in stage.engine.interceptor.calls if c.outcome == "dark" and c.caller == "leeward-lock-acquire"
        ]
        assert [c.operation for c in asked] == ["stepfunctions:DescribeExecution"]

        stage.engine.interceptor.end_outage(EAST)
        replicate_the_lock(stage)
        answer_retry(stage, old)
        ended = stage.wait_for_end(old)
        assert ended.status == "FAILED"
        assert "LockLost" in f"{ended.error} {ended.cause}"
        assert status(stage, new) == "RUNNING"
        held = stage.journals.lock_holder()
        assert held is not None
        assert held.run == new.id, "the old run leaves the lock alone"
        east = table(stage, EAST)
        assert guard_key(EAST) not in read_holders(east, "website"), "and lets its own guard go"


def answer_retry(stage: RehearsalSession, run: RehearsedRun) -> None:
    """Somebody answers the question at which the run waits, and knows of nothing."""
    (question,) = open_questions(table(stage, run.way.target), run.id)
    answer = json.dumps({"decision": "retry", "by": "somebody", "reason": "it is back"})
    stage.engine.client("stepfunctions", run.way.target).send_task_success(taskToken=question.token, output=answer)


def replicate_the_lock(stage: RehearsalSession) -> None:
    """What the global table does within about a second."""
    name = table(stage, WEST).name
    key = {"pk": {"S": TABLE_PK}, "sk": {"S": "LOCK"}}
    item = stage.engine.client("dynamodb", WEST).get_item(TableName=name, Key=key)["Item"]
    stage.engine.client("dynamodb", EAST).put_item(TableName=name, Item=item)


def table(stage: RehearsalSession, region: str) -> StateTable:
    return StateTable(stage.engine.client("dynamodb", region), resource_names.table_name("website"))


def test_lock_is_stored_in_standby_region() -> None:
    with website_session(failed_region=None, also=[FAILBACK], operator=SILENT_OPERATOR) as stage:
        run = stage.start_run("back", {}, runbook="failback")
        wait(stage, 1)
        held = current_holder(table(stage, WEST), "website")
        assert held is not None
        assert held.run == run.id
        guard = read_holders(table(stage, EAST), "website")[guard_key(EAST)]
        assert (guard.run, guard.locked) == (run.id, True)
