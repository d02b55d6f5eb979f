"""A server that did not launch is a failed step, never a completed job."""

from __future__ import annotations

from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails, OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from tests.rehearsals.drills import (
    Edit,
    broken,
    jobs_started,
    replacing,
    run_to_end,
    scenario,
    step,
    users_moved,
    website,
    website_stage,
)

NO_CAPACITY = "An error occurred (InsufficientInstanceCapacity): we have no t3.small in us-west-2a"
RECOVER = "Recover the servers"
TWO_HOME_PAGES: Edit = replacing("Role: home-page}}\n    expect: 1", "Role: home-page}}\n    expect: 2")


def policy(text: str) -> Edit:
    return replacing("    timeout: 25m\n", f"    timeout: 25m\n    on_failure: {text}\n")


def fails(group: str, servers: int | None = None, times: int | None = None) -> LaunchFails:
    return LaunchFails(kind="launch-fails", group=group, reason=NO_CAPACITY, servers=servers, times=times)


def servers_of(stage: RehearsalSession, group: str) -> list[str]:
    return stage.world.source_servers[group]


def test_when_every_server_fails_the_run_fails_there_and_says_why() -> None:
    with website_stage(fails("database"), fails("home-page"), fails("catalogue-page")) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.error == "LaunchFailed"
        assert step(result, RECOVER).status is RunStepStatus.FAILED
        assert step(result, "Send the users to us-west-2").status is RunStepStatus.NOT_REACHED
        assert not users_moved(stage)
        assert result.cause is not None
        assert servers_of(stage, "database")[0] in result.cause
        assert "InsufficientInstanceCapacity" in result.cause
        assert not result.rto.met
        assert broken(result) == []


def test_both_failed_groups_of_a_wave_are_named_with_their_reasons() -> None:
    with website_stage(fails("home-page"), fails("catalogue-page")) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.cause is not None
        for group in ("home-page", "catalogue-page"):
            assert servers_of(stage, group)[0] in result.cause
        assert result.cause.count("InsufficientInstanceCapacity") >= 2
        assert not users_moved(stage)


def test_one_of_two_failed_is_a_failure_too() -> None:
    with website_stage(fails("home-page", servers=1), ready=website(application=TWO_HOME_PAGES)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        failed, _ = servers_of(stage, "home-page")
        assert result.cause is not None
        assert failed in result.cause
        assert not users_moved(stage)
        assert broken(result) == []


def test_unless_the_policy_says_to_go_on_without_it() -> None:
    ready = website(runbook=policy("continue"), application=TWO_HOME_PAGES)
    with website_stage(fails("home-page", servers=1), ready=ready) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert step(result, RECOVER).status is RunStepStatus.FAILED
        assert users_moved(stage)
        assert broken(result) == [], "the account names the server that is missing"


def test_a_retry_starts_only_what_failed() -> None:
    ready = website(runbook=policy("retry"), application=TWO_HOME_PAGES)
    with website_stage(fails("home-page", servers=1, times=1), ready=ready) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert step(result, RECOVER).attempts == 2
        started = [p.server_id for job in stage.world.drs.jobs("us-west-2") for p in job.participants]
        first, second = servers_of(stage, "home-page")
        assert (started.count(first), started.count(second)) == (2, 1)
        assert broken(result) == []


def test_a_person_is_asked_and_tries_again() -> None:
    operator = OperatorSettings(failure="retry")
    with website_stage(fails("home-page", times=1), ready=website(runbook=policy("ask")), operator=operator) as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert step(result, RECOVER).attempts == 2
        answered = [e for e in stage.journals.journal(run) if e.event == "question.answered"]
        assert any("retry" in e.detail for e in answered)


def test_a_person_is_asked_and_stops_the_run() -> None:
    with website_stage(fails("home-page"), ready=website(runbook=policy("ask"))) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert not users_moved(stage)


def test_nobody_answers_and_the_run_stops() -> None:
    operator = OperatorSettings(failure="silence")
    with website_stage(fails("home-page"), ready=website(runbook=policy("ask")), operator=operator) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert not users_moved(stage)
        assert broken(result) == []


def test_undo_takes_back_what_was_launched() -> None:
    with website_stage(fails("home-page"), ready=website(runbook=policy("undo"))) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert stage.world.drs.recovery_instances("us-west-2") == []
        running = [
            i["State"]["Name"]
            for r in stage.engine.client("ec2", "us-west-2").describe_instances()["Reservations"]
            for i in r["Instances"]
        ]
        assert set(running) <= {"terminated"}
        assert not users_moved(stage)
        assert jobs_started(stage) == 3


def test_the_lock_is_free_after_a_foreseen_failure() -> None:
    with website_stage(fails("database", times=1)) as stage:
        first, _, _ = run_to_end(stage)
        assert first.outcome is ExecutionOutcome.FAILED
        again = stage.start_run("again", {"incident_at": stage.incident_at.isoformat()})
        assert stage.wait_for_end(again).status == "SUCCEEDED"


def test_a_scenario_is_a_value() -> None:
    assert scenario(fails("database")).faults[0].kind == "launch-fails"
