"""One run at a time; a person's word; an RPO that is exceeded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.scenarios.scenario_documents import CallFails, OperatorSettings, ReplicationLags, StartSettings
from leeward.twin.engine import FaultKind
from tests.rehearsals.drills import (
    Edit,
    broken,
    jobs_started,
    replacing,
    run_to_end,
    users_moved,
    website,
    website_stage,
)

LAGS = ReplicationLags(kind="replication", group="database", lag=timedelta(minutes=12))


def test_started_twice_at_once_is_one_run_and_the_second_is_told_which() -> None:
    with website_stage() as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=2))
        given = {"incident_at": stage.incident_at.isoformat()}
        first, second = stage.start_run("first", given), stage.start_run("second", given)
        ends = {run.id: stage.wait_for_end(run) for run in (first, second)}
        assert sorted(end.status for end in ends.values()) == ["FAILED", "SUCCEEDED"]
        refused = next(end for end in ends.values() if end.status == "FAILED")
        winner = next(run for run, end in ends.items() if end.status == "SUCCEEDED")
        assert refused.error == "LockHeld"
        assert refused.cause is not None
        assert winner in refused.cause
        assert "09:07" in refused.cause, "since when"
        assert jobs_started(stage) == 3


def test_the_same_execution_name_is_the_same_run() -> None:
    with website_stage() as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=2))
        given = {"incident_at": stage.incident_at.isoformat()}
        assert stage.start_run("alarm-1", given).execution == stage.start_run("alarm-1", given).execution


def test_a_rejected_approval_changes_nothing() -> None:
    with website_stage(operator=OperatorSettings(approval="reject")) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "Rejected")
        assert "on-call engineer" in (result.cause or "")
        assert (jobs_started(stage), users_moved(stage)) == (0, False)
        assert broken(result) == []


def test_silence_is_what_the_document_says() -> None:
    with website_stage(operator=OperatorSettings(approval="silence")) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "Rejected")
        assert jobs_started(stage) == 0
    approve: Edit = replacing("on_silence: reject", "on_silence: approve")
    with website_stage(operator=OperatorSettings(approval="silence"), ready=website(runbook=approve)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause


def test_a_run_may_be_approved_as_it_is_started() -> None:
    with website_stage(operator=OperatorSettings(approval="silence")) as stage:
        result, run, _ = run_to_end(stage, approve=True)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert not [e for e in stage.journals.journal(run) if e.event == "question.asked"]


def test_an_exceeded_rpo_asks_and_an_abort_stops_there() -> None:
    with website_stage(LAGS) as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.error == "RpoExceeded"
        assert any(e.event == "question.asked" for e in stage.journals.journal(run))
        assert (jobs_started(stage), users_moved(stage)) == (0, False)


def test_an_exceeded_rpo_can_be_accepted_beforehand_and_that_is_recorded() -> None:
    with website_stage(LAGS) as stage:
        result, run, _ = run_to_end(stage, accept_data_loss=True)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert not result.rpo.met, "accepted is not met"
        assert not result.passed
        accepted = [e for e in stage.journals.journal(run) if e.event == "data_loss.accepted"]
        assert len(accepted) == 1
        assert "database" in accepted[0].detail or stage.world.source_servers["database"][0] in accepted[0].detail


def test_a_person_may_go_on_in_spite_of_it() -> None:
    with website_stage(LAGS, operator=OperatorSettings(failure="skip")) as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert any("skip" in e.detail for e in stage.journals.journal(run) if e.event == "question.answered")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"reson": "typo"}, "reason"),
        ({"incident_at": "yesterday"}, "incident_at"),
        ({"accept_data_loss": "yes"}, "accept_data_loss"),
    ],
)
def test_input_that_is_not_known_is_refused_in_the_first_state(given: dict[str, str], says: str) -> None:
    with website_stage() as stage:
        stage.wait_until(stage.incident_at)
        ended = stage.wait_for_end(stage.start_run("bad", given))
        assert (ended.status, ended.error) == ("FAILED", "InvalidInput")
        assert says in (ended.cause or "")
        assert not stage.engine.interceptor.calls or jobs_started(stage) == 0


def test_an_empty_input_is_enough() -> None:
    with website_stage(dark=None) as stage:
        stage.wait_until(stage.incident_at)
        assert stage.wait_for_end(stage.start_run("plain", {})).status == "SUCCEEDED"


def test_an_unforeseen_end_keeps_the_lock_and_the_next_run_can_take_it_over() -> None:
    denied = CallFails(kind="call", operation="drs:StartRecovery", fault="timed-out", times=3)
    with website_stage(denied) as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=2))
        given = {"incident_at": stage.incident_at.isoformat()}
        first = stage.start_run("first", given)
        stage.wait_until(stage.incident_at + timedelta(minutes=6))
        client = stage.engine.client("stepfunctions", "us-west-2")
        client.stop_execution(executionArn=first.execution, error="Operator", cause="stopped by hand")
        assert stage.wait_for_end(first).status == "ABORTED"
        refused = stage.wait_for_end(stage.start_run("second", given))
        assert refused.error == "LockHeld"
        assert f'"take_over": "{first.id}"' in (refused.cause or "")
        wrong = stage.wait_for_end(stage.start_run("third", {**given, "take_over": "some.other.run"}))
        assert wrong.error == "LockHeld"
        last = stage.start_run("fourth", {**given, "take_over": first.id})
        assert stage.wait_for_end(last).status == "SUCCEEDED"
        assert any(e.event == "lock.taken_over" for e in stage.journals.journal(last))
        assert jobs_started(stage) == 3, "the second run went on with the first one's job, or none was started twice"


def test_the_scenario_says_when_a_person_starts() -> None:
    assert StartSettings().after == timedelta(minutes=2)


def test_a_step_that_the_input_skips_is_not_done_and_the_account_says_so() -> None:
    with website_stage() as stage:
        result, run, ended = run_to_end(stage, skip=["Tell the team"])
        assert ended.status == "SUCCEEDED"
        told = next(step for step in result.steps if step.name == "Tell the team")
        assert told.status == "skipped"
        assert [entry.detail for entry in stage.journals.journal(run) if entry.event == "step.skipped"] == [
            "Tell the team: skipped, as the run's input says"
        ]
        account = next(entry.facts["cause"] for entry in stage.journals.journal(run) if entry.event == "run.ended")
        assert "Passed over: Tell the team" in str(account)


@pytest.mark.parametrize("taken_over", [False, True])
def test_a_run_whose_end_cannot_be_written_names_the_way_on(taken_over: bool) -> None:
    with website_stage(dark=None, operator=OperatorSettings(approval="reject")) as stage:
        run = stage.start_run("mute", {})
        stage.wait_for(
            lambda: any(e.event == "question.asked" for e in stage.journals.journal(run)), timedelta(minutes=5)
        )
        fault = stage.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.THROTTLED, times=None)
        ended = stage.wait_for_end(run)
        assert ended.status == "FAILED"
        assert "could not be recorded" in (ended.cause or "")
        assert f"Now: mend that; `leeward resume {run.id}` records the end" in (ended.cause or "")
        fault.times = 0
        stage.set_operator(OperatorSettings())
        if taken_over:
            assert stage.wait_for_end(stage.start_run("next", {"take_over": run.id})).status == "SUCCEEDED"
            return
        stage.engine.redrive_execution(run.execution)
        account = stage.wait_for_end(run)
        assert account.error == "Rejected"
        assert "Lock: still held" in (account.cause or "")  # the failure itself could not be written down either


def test_a_success_that_cannot_be_written_down_is_recorded_when_it_is_resumed() -> None:
    with website_stage(dark=None) as stage:
        run = stage.start_run("mute", {})
        stage.wait_for(
            lambda: any("Tell the team" in e.detail for e in stage.journals.journal(run)), timedelta(hours=1)
        )
        fault = stage.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.THROTTLED, times=None)
        ended = stage.wait_for_end(run)
        assert (ended.status, ended.error) == ("FAILED", "Throttled")
        assert "every step is done. The end could not be recorded, and the lock may be held" in (ended.cause or "")
        fault.times = 0
        stage.engine.redrive_execution(run.execution)
        assert stage.wait_for_end(run).status == "SUCCEEDED"
        assert [e.detail for e in stage.journals.journal(run) if e.event == "run.ended"] == ["succeeded"]
        assert stage.journals.lock_holder() is None
