"""Denied, throttled, answered by silence: no second recovery job is ever started."""

from __future__ import annotations

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.scenarios.scenario_documents import CallFails, CallFaultName
from tests.support.website_session import (
    WEST,
    broken_invariants,
    count_recovery_jobs,
    routing_changed,
    run_to_end,
    website_session,
)

START = "drs:StartRecovery"


def fault(name: CallFaultName, operation: str = START, nth: int = 1, times: int = 1) -> CallFails:
    return CallFails(kind="call", operation=operation, fault=name, nth=nth, times=times)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_lost_start_response_starts_no_second_job(nth: int) -> None:
    with website_session(fault("answer-lost", nth=nth)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        assert count_recovery_jobs(stage) == 3


def test_failover_succeeds_when_every_start_response_is_lost() -> None:
    with website_session(fault("answer-lost", times=99)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        assert count_recovery_jobs(stage) == 3


@pytest.mark.parametrize("name", ["throttled", "server-error", "refused", "timed-out"])
@pytest.mark.verify("a complete run for every kind of fault")
def test_transient_fault_is_retried(name: CallFaultName) -> None:
    with website_session(fault(name, times=2)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        assert count_recovery_jobs(stage) == 3


def test_lasting_throttling_fails_step_without_job() -> None:
    with website_session(fault("throttled", times=10_000)) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "TimedOut")
        assert "drs:StartRecovery: ThrottlingException" in (result.cause or "")
        assert count_recovery_jobs(stage) == 0
        assert not routing_changed(stage)
        assert broken_invariants(result) == []


@pytest.mark.parametrize(("name", "times"), [("throttled", 36), ("expired", 4)])
def test_transient_fault_is_outwaited_within_the_steps_time(name: CallFaultName, times: int) -> None:
    """The SDK tries a throttled call three times, so this is twelve polls of each group."""
    with website_session(fault(name, times=times)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        assert count_recovery_jobs(stage) == 3


def test_denied_call_fails_step_and_names_permission() -> None:
    with website_session(fault("denied", times=10_000)) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "AccessDenied")
        assert START in (result.cause or "")
        assert count_recovery_jobs(stage) == 0
        assert sum(1 for c in stage.engine.interceptor.calls if c.operation == START) == 1, (
            "a denied call is not repeated"
        )


def test_denial_in_second_wave_keeps_first_wave() -> None:
    with website_session(fault("denied", nth=2, times=10_000)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert count_recovery_jobs(stage) == 1
        assert len(stage.world.drs.recovery_instances(WEST)) == 1
        assert not routing_changed(stage)


def test_lost_describe_responses_are_harmless() -> None:
    with website_session(fault("answer-lost", "drs:DescribeJobs", nth=2, times=3)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        assert count_recovery_jobs(stage) == 3


def test_lost_routing_responses_are_verified_by_reading() -> None:
    lost = fault("answer-lost", "route53-recovery-cluster:UpdateRoutingControlStates", times=99)
    with website_session(lost) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
