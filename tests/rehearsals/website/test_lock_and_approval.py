"""One run at a time; a person's word; an RPO that is exceeded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.scenarios.scenario_documents import CallFails, OperatorSettings, ReplicationLags, StartSettings
from leeward.twin.engine import FaultKind
from tests.support.nonempty import nonempty
from tests.support.website_session import (
    Edit,
    broken_invariants,
    compile_website,
    count_recovery_jobs,
    replace_text,
    routing_changed,
    run_to_end,
    website_session,
)

LAGS = ReplicationLags(kind="replication", group="database", lag=timedelta(minutes=12))


def test_second_concurrent_start_fails_with_lock_holder() -> None:
    with website_session() as stage:
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
        assert count_recovery_jobs(stage) == 3


def test_same_execution_name_is_same_run() -> None:
    with website_session() as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=2))
        given = {"incident_at": stage.incident_at.isoformat()}
        assert stage.start_run("alarm-1", given).execution == stage.start_run("alarm-1", given).execution


def test_rejected_approval_changes_nothing() -> None:
    with website_session(operator=OperatorSettings(approval="reject")) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "Rejected")
        assert "on-call engineer" in (result.cause or "")
        assert (count_recovery_jobs(stage), routing_changed(stage)) == (0, False)
        assert broken_invariants(result) == []


def test_approval_timeout_follows_runbook_default() -> None:
    with website_session(operator=OperatorSettings(approval="silence")) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "Rejected")
        assert count_recovery_jobs(stage) == 0
    approve: Edit = replace_text("on_silence: reject", "on_silence: approve")
    with website_session(
        operator=OperatorSettings(approval="silence"), ready=compile_website(runbook=approve)
    ) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause


def test_approval_in_input_skips_question() -> None:
    with website_session(operator=OperatorSettings(approval="silence")) as stage:
        result, run, _ = run_to_end(stage, approve=True)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert not [e for e in nonempty(stage.journals.journal(run)) if e.event == "question.asked"]


def test_exceeded_rpo_asks_and_abort_stops_run() -> None:
    with website_session(LAGS) as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.error == "RpoExceeded"
        assert any(e.event == "question.asked" for e in stage.journals.journal(run))
        assert (count_recovery_jobs(stage), routing_changed(stage)) == (0, False)


def test_accept_data_loss_input_is_recorded() -> None:
    with website_session(LAGS) as stage:
        result, run, _ = run_to_end(stage, accept_data_loss=True)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert not result.rpo.met, "accepted is not met"
        assert not result.passed
        accepted = [e for e in stage.journals.journal(run) if e.event == "data_loss.accepted"]
        assert len(accepted) == 1
        assert "database" in accepted[0].detail or stage.world.source_servers["database"][0] in accepted[0].detail


def test_exceeded_rpo_can_be_skipped_by_operator() -> None:
    with website_session(LAGS, operator=OperatorSettings(failure="skip")) as stage:
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
def test_unknown_input_fails_in_first_state(given: dict[str, str], says: str) -> None:
    with website_session() as stage:
        stage.wait_until(stage.incident_at)
        ended = stage.wait_for_end(stage.start_run("bad", given))
        assert (ended.status, ended.error) == ("FAILED", "InvalidInput")
        assert says in (ended.cause or "")
        assert not stage.engine.interceptor.calls or count_recovery_jobs(stage) == 0


def test_empty_input_starts_run() -> None:
    with website_session(failed_region=None) as stage:
        stage.wait_until(stage.incident_at)
        assert stage.wait_for_end(stage.start_run("plain", {})).status == "SUCCEEDED"


def test_unexpected_error_keeps_lock_for_take_over() -> None:
    denied = CallFails(kind="call", operation="drs:StartRecovery", fault="timed-out", times=3)
    with website_session(denied) as stage:
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
        assert count_recovery_jobs(stage) == 3, (
            "the second run went on with the first one's job, or none was started twice"
        )


def test_scenario_start_defaults_to_two_minutes() -> None:
    assert StartSettings().after == timedelta(minutes=2)


def test_step_skipped_by_input_is_reported_as_skipped() -> None:
    with website_session() as stage:
        result, run, ended = run_to_end(stage, skip=["Tell the team"])
        assert ended.status == "SUCCEEDED"
        output = next(step for step in result.steps if step.name == "Tell the team")
        assert output.status == "skipped"
        assert [entry.detail for entry in stage.journals.journal(run) if entry.event == "step.skipped"] == [
            "Tell the team: skipped, as the run's input says"
        ]
        account = next(entry.facts["cause"] for entry in stage.journals.journal(run) if entry.event == "run.ended")
        assert "Passed over: Tell the team" in str(account)


@pytest.mark.parametrize("taken_over", [False, True])
def test_unrecorded_end_shows_next_command(taken_over: bool) -> None:
    with website_session(failed_region=None, operator=OperatorSettings(approval="reject")) as stage:
        run = stage.start_run("mute", {})
        stage.wait_for(
            lambda: any(e.event == "question.asked" for e in stage.journals.journal(run)), timedelta(minutes=5)
        )
        fault = stage.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.THROTTLED, times=None)
        ended = stage.wait_for_end(run)
        assert ended.status == "FAILED"
        assert "could not be recorded" in (ended.cause or "")
        assert f"Now: fix that error, then run `leeward resume {run.id}` to record the end" in (ended.cause or "")
        fault.times = 0
        stage.set_operator(OperatorSettings())
        if taken_over:
            assert stage.wait_for_end(stage.start_run("next", {"take_over": run.id})).status == "SUCCEEDED"
            return
        stage.engine.redrive_execution(run.execution)
        account = stage.wait_for_end(run)
        assert account.error == "Rejected"
        assert "Lock: still held" in (account.cause or "")  # the failure itself could not be written down either


def test_unrecorded_success_is_recorded_on_resume() -> None:
    with website_session(failed_region=None) as stage:
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
