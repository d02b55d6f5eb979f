"""The routing controls' five endpoints, some of them dead, and the rules that guard them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus
from leeward.rehearsal.scenarios.scenario_documents import EndpointDown
from tests.rehearsals.drills import EAST, WEST, broken, jobs_started, run_to_end, step, users_moved, website_stage

ROUTE = "Send the users to us-west-2"
ENDPOINTS = (EAST, WEST, "eu-west-1", "ap-northeast-1", "ap-southeast-2")


def down(*regions: str, minutes: int = 0) -> list[EndpointDown]:
    at = timedelta(minutes=minutes)
    return [EndpointDown(kind="endpoint-down", region=region, at=at) for region in regions]


@pytest.mark.parametrize("regions", [("eu-west-1", "ap-northeast-1"), (WEST, "ap-southeast-2")])
def test_two_more_endpoints_down_do_no_harm(regions: tuple[str, str]) -> None:
    with website_stage(*down(*regions)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.passed, (result.cause, broken(result))


def test_with_all_five_down_from_the_start_the_preflight_says_so_before_anything_is_launched() -> None:
    with website_stage(*down(*ENDPOINTS)) as stage:
        result, _, _ = run_to_end(stage)
        assert (result.outcome, result.error) == (ExecutionOutcome.FAILED, "NotReady")
        assert "endpoint" in (result.cause or "")
        assert jobs_started(stage) == 0


def test_with_all_five_down_in_the_middle_the_step_fails_and_says_so() -> None:
    with website_stage(*down(*ENDPOINTS, minutes=9)) as stage:
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert step(result, ROUTE).status is RunStepStatus.FAILED
        assert not users_moved(stage)
        assert result.cause is not None
        for region in ENDPOINTS:
            assert region in result.cause
        tries = [c for c in stage.engine.interceptor.calls if c.operation.endswith("UpdateRoutingControlStates")]
        assert 5 <= len(tries) <= 120, "tried at every endpoint, and not for ever"
        assert broken(result) == []


def test_a_safety_rule_that_forbids_the_change_stops_the_run() -> None:
    with website_stage() as stage:
        controls = list(stage.application.components["traffic"].controls.values())  # type: ignore[union-attr]
        stage.world.routing_controls.add_gating_rule("frozen", [controls[1]], controls)
        result, _, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.error == "SafetyRuleBlocked"
        assert "frozen" in (result.cause or "")
        assert not users_moved(stage)


def test_a_safety_rule_that_allows_the_change_is_respected() -> None:
    with website_stage() as stage:
        controls = list(stage.application.components["traffic"].controls.values())  # type: ignore[union-attr]
        stage.world.routing_controls.add_assertion_rule("never both off", controls, "ATLEAST", 1)
        result, _, _ = run_to_end(stage)
        assert result.passed, result.cause
