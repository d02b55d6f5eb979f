"""A server that did not launch is a failed step, never a completed job."""

from __future__ import annotations

from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails, OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from tests.support.website_session import (
    Edit,
    broken_invariants,
    compile_website,
    count_recovery_jobs,
    drill_scenario,
    replace_text,
    routing_changed,
    run_to_end,
    step_named,
    website_session,
)

NO_CAPACITY = "An error occurred (InsufficientInstanceCapacity): we have no t3.small in us-west-2a"
RECOVER = "Recover the servers"
TWO_HOME_PAGES: Edit = replace_text("Role: home-page}}\n    expect: 1", "Role: home-page}}\n    expect: 2")


def with_recover_policy(text: str) -> Edit:
    return replace_text("    timeout: 25m\n    on_failure: ask\n", f"    timeout: 25m\n    on_failure: {text}\n")


def launch_failure(group: str, servers: int | None = None, times: int | None = None) -> LaunchFails:
    return LaunchFails(kind="launch-fails", group=group, reason=NO_CAPACITY, servers=servers, times=times)


def servers_of(stage: RehearsalSession, group: str) -> list[str]:
    return stage.world.source_servers[group]


def test_run_fails_when_no_server_launches() -> None:
    with website_session(
        launch_failure("database"), launch_failure("home-page"), launch_failure("catalogue-page")
    ) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.error == "LaunchFailed"
        assert step_named(result, RECOVER).status is RunStepStatus.FAILED
        assert step_named(result, "Send the users to us-west-2").status is RunStepStatus.NOT_REACHED
        assert not routing_changed(stage)
        assert result.cause is not None
        assert servers_of(stage, "database")[0] in result.cause
        assert "InsufficientInstanceCapacity" in result.cause
        assert not result.rto.met
        assert broken_invariants(result) == []


def test_all_failed_groups_of_wave_are_reported() -> None:
    with website_session(launch_failure("home-page"), launch_failure("catalogue-page")) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.cause is not None
        for group in ("home-page", "catalogue-page"):
            assert servers_of(stage, group)[0] in result.cause
        assert result.cause.count("InsufficientInstanceCapacity") >= 2
        assert not routing_changed(stage)


def test_one_failed_server_of_two_fails_the_step() -> None:
    with website_session(
        launch_failure("home-page", servers=1), ready=compile_website(application=TWO_HOME_PAGES)
    ) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        failed, _ = servers_of(stage, "home-page")
        assert result.cause is not None
        assert failed in result.cause
        assert not routing_changed(stage)
        assert broken_invariants(result) == []


def test_continue_policy_ignores_failed_server() -> None:
    ready = compile_website(runbook=with_recover_policy("continue"), application=TWO_HOME_PAGES)
    with website_session(launch_failure("home-page", servers=1), ready=ready) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert step_named(result, RECOVER).status is RunStepStatus.FAILED
        assert routing_changed(stage)
        assert broken_invariants(result) == [], "the account names the server that is missing"


def test_retry_policy_launches_only_failed_servers() -> None:
    ready = compile_website(runbook=with_recover_policy("retry"), application=TWO_HOME_PAGES)
    with website_session(launch_failure("home-page", servers=1, times=1), ready=ready) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert step_named(result, RECOVER).attempts == 2
        started = [p.server_id for job in stage.world.drs.jobs("us-west-2") for p in job.participants]
        first, second = servers_of(stage, "home-page")
        assert (started.count(first), started.count(second)) == (2, 1)
        assert broken_invariants(result) == []


def test_ask_policy_answered_retry_succeeds() -> None:
    operator = OperatorSettings(failure="retry")
    with website_session(
        launch_failure("home-page", times=1),
        ready=compile_website(runbook=with_recover_policy("ask")),
        operator=operator,
    ) as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert step_named(result, RECOVER).attempts == 2
        answered = [e for e in stage.journals.journal(run) if e.event == "question.answered"]
        assert any("retry" in e.detail for e in answered)


def test_ask_policy_answered_abort_stops_run() -> None:
    with website_session(
        launch_failure("home-page"), ready=compile_website(runbook=with_recover_policy("ask"))
    ) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert not routing_changed(stage)


def test_ask_policy_without_answer_stops_run() -> None:
    operator = OperatorSettings(failure="silence")
    with website_session(
        launch_failure("home-page"), ready=compile_website(runbook=with_recover_policy("ask")), operator=operator
    ) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert not routing_changed(stage)
        assert broken_invariants(result) == []


def test_undo_policy_terminates_launched_servers() -> None:
    with website_session(
        launch_failure("home-page"), ready=compile_website(runbook=with_recover_policy("undo"))
    ) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert stage.world.drs.recovery_instances("us-west-2") == []
        running = [
            i["State"]["Name"]
            for r in stage.engine.client("ec2", "us-west-2").describe_instances()["Reservations"]
            for i in r["Instances"]
        ]
        assert set(running) <= {"terminated"}
        assert not routing_changed(stage)
        assert count_recovery_jobs(stage) == 3


def test_lock_is_released_after_named_failure() -> None:
    with website_session(launch_failure("database", times=1)) as stage:
        first, _, _ = run_to_end(stage)
        assert first.outcome is ExecutionOutcome.FAILED
        again = stage.start_run("again", {"incident_at": stage.incident_at.isoformat()})
        assert stage.wait_for_end(again).status == "SUCCEEDED"


def test_scenario_keeps_its_faults() -> None:
    assert drill_scenario(launch_failure("database")).faults[0].kind == "launch-fails"
