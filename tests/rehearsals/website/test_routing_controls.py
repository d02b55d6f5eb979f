"""The routing controls' five endpoints, some of them dead, and the rules that guard them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.common.polling import MAX_CALL_SECONDS
from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus
from leeward.rehearsal.scenarios.scenario_documents import EndpointDown
from tests.support.website_session import (
    EAST,
    WEST,
    broken_invariants,
    count_recovery_jobs,
    routing_changed,
    run_to_end,
    step_named,
    website_session,
)

ROUTE = "Send the users to us-west-2"
ENDPOINTS = (EAST, WEST, "eu-west-1", "ap-northeast-1", "ap-southeast-2")


def endpoints_down(*regions: str, minutes: int = 0) -> list[EndpointDown]:
    at = timedelta(minutes=minutes)
    return [EndpointDown(kind="endpoint-down", region=region, at=at) for region in regions]


@pytest.mark.parametrize("regions", [("eu-west-1", "ap-northeast-1"), (WEST, "ap-southeast-2")])
def test_failover_tolerates_two_more_endpoints_down(regions: tuple[str, str]) -> None:
    with website_session(*endpoints_down(*regions)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.passed, (result.cause, broken_invariants(result))


def test_preflight_fails_with_all_endpoints_down() -> None:
    with website_session(*endpoints_down(*ENDPOINTS)) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "NotReady")
        assert "endpoint" in (result.cause or "")
        assert count_recovery_jobs(stage) == 0


def test_route_step_fails_with_all_endpoints_down() -> None:
    with website_session(*endpoints_down(*ENDPOINTS, minutes=9)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert step_named(result, ROUTE).status is RunStepStatus.FAILED
        assert not routing_changed(stage)
        assert result.cause is not None
        for region in ENDPOINTS:
            assert region in result.cause
        tries = [c for c in stage.engine.interceptor.calls if c.operation.endswith("UpdateRoutingControlStates")]
        assert {call.state for call in tries} == {ROUTE, f"{ROUTE}: look"}
        asked_for = (tries[-1].at - tries[0].at).total_seconds()
        assert 660 <= asked_for <= 720 + MAX_CALL_SECONDS, "tried until the time of the step is up, and not for ever"
        assert broken_invariants(result) == []


def test_blocking_safety_rule_stops_run() -> None:
    with website_session() as stage:
        controls = list(stage.application.components["traffic"].controls.values())  # type: ignore[union-attr]
        stage.world.routing_controls.add_gating_rule("frozen", [controls[1]], controls)
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.error == "SafetyRuleBlocked"
        assert "frozen" in (result.cause or "")
        assert not routing_changed(stage)


def test_failover_passes_with_allowing_safety_rule() -> None:
    with website_session() as stage:
        controls = list(stage.application.components["traffic"].controls.values())  # type: ignore[union-attr]
        stage.world.routing_controls.add_assertion_rule("never both off", controls, "ATLEAST", 1)
        result, _, _ = run_to_end(stage)
        assert result.passed, result.cause
