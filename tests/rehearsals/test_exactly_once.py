"""Denied, throttled, answered by silence: no second recovery job is ever started."""

from __future__ import annotations

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.scenarios.scenario_documents import CallFails, CallFaultName
from tests.rehearsals.drills import WEST, broken, jobs_started, run_to_end, users_moved, website_stage

START = "drs:StartRecovery"


def fault(name: CallFaultName, operation: str = START, nth: int = 1, times: int = 1) -> CallFails:
    return CallFails(kind="call", operation=operation, fault=name, nth=nth, times=times)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_lost_answer_to_start_recovery_starts_no_second_job(nth: int) -> None:
    with website_stage(fault("answer-lost", nth=nth)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken(result) == []
        assert jobs_started(stage) == 3


def test_every_answer_to_start_recovery_is_lost() -> None:
    with website_stage(fault("answer-lost", times=99)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken(result) == []
        assert jobs_started(stage) == 3


@pytest.mark.parametrize("name", ["throttled", "server-error", "refused", "timed-out"])
def test_a_passing_fault_is_tried_again(name: CallFaultName) -> None:
    with website_stage(fault(name, times=2)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken(result) == []
        assert jobs_started(stage) == 3


def test_a_throttle_that_lasts_fails_the_step_and_starts_nothing() -> None:
    with website_stage(fault("throttled", times=10_000)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.error == "Throttled"
        assert jobs_started(stage) == 0
        assert not users_moved(stage)
        assert broken(result) == []


@pytest.mark.parametrize("name", ["denied", "expired"])
def test_a_denied_call_fails_the_step_at_once_and_names_the_permission(name: CallFaultName) -> None:
    with website_stage(fault(name, times=10_000)) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "AccessDenied")
        assert START in (result.cause or "")
        assert jobs_started(stage) == 0
        assert sum(1 for c in stage.engine.interceptor.calls if c.operation == START) == 1, (
            "a denied call is not repeated"
        )


def test_denied_in_the_second_wave_keeps_the_first() -> None:
    with website_stage(fault("denied", nth=2, times=10_000)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert jobs_started(stage) == 1
        assert len(stage.world.drs.recovery_instances(WEST)) == 1
        assert not users_moved(stage)


def test_lost_answers_while_looking_do_no_harm() -> None:
    with website_stage(fault("answer-lost", "drs:DescribeJobs", nth=2, times=3)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken(result) == []
        assert jobs_started(stage) == 3


def test_a_lost_answer_to_the_routing_change_is_read_back() -> None:
    lost = fault("answer-lost", "route53-recovery-cluster:UpdateRoutingControlStates", times=99)
    with website_stage(lost) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken(result) == []
