"""Bugs in moving clients: single-writer, served, and drill-isolation find them."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.aws.clients import client
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from tests.support.planted_bugs import (
    LOCK,
    ROUTE,
    Work,
    bug_that_first,
    short_run_violations,
    violations_in_committed,
    violations_in_website,
)
from tests.support.website_session import EAST, compile_website

DUBLIN, SINGAPORE = "eu-west-1", "ap-southeast-1"
FUNCTION, TABLE = "ticketing-api", "ticketing-tickets"


def keep_origin_open(work: Work) -> Work:
    """A bug that turns the target's control on, and forgets to turn the origin's off."""

    def handler(event: dict[str, Any], context: Any) -> Any:
        return work({**event, "parameters": {**event["parameters"], "turn_off": []}}, context)

    return handler


@pytest.mark.verify("a complete failover")
def test_committed_failover_of_serving_region_breaks_single_writer() -> None:
    """The failover has no fence, because its origin is unavailable. Here it serves, and resolvers keep old answers."""
    assert "single-writer" in violations_in_website(compile_website())


@pytest.mark.verify("a complete failover")
def test_reopened_fence_in_committed_failover_breaks_single_writer() -> None:
    """A planned failover fences the origin's writes, and a bug opens them before the clients have left."""

    def open_fence(_event: dict[str, Any]) -> None:
        client("dynamodb", DUBLIN).update_item(
            TableName=TABLE,
            Key={"id": {"S": f"#region#{DUBLIN}"}},
            UpdateExpression="SET writes = :open",
            ExpressionAttributeValues={":open": {"S": "open"}},
        )

    found = violations_in_committed(
        "ticketing", "failover", "api-transaction", bug_that_first(open_fence, once=False), change=end_outage
    )
    assert "single-writer" in found


def end_outage(session: RehearsalSession) -> None:
    session.region_outages.end_all()
    session.wait_without_users(session.world.application.objectives.rto)


def test_routing_without_check_breaks_served() -> None:
    assert "served" in short_run_violations(LOCK, ROUTE)


@pytest.mark.verify("a complete failover")
def test_failed_origin_kept_open_in_committed_failover_breaks_served() -> None:
    assert "served" in violations_in_committed("website", "failover", "arc-route", keep_origin_open)


def test_deregistered_targets_in_committed_drill_break_drill_isolation() -> None:
    def deregister(_event: dict[str, Any]) -> None:
        elbv2 = client("elbv2", EAST)
        for group in elbv2.describe_target_groups()["TargetGroups"]:
            arn = group["TargetGroupArn"]
            health = elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": h["Target"]["Id"]} for h in health])

    assert "drill-isolation" in violations_in_committed("website", "drill", "drs-recover", bug_that_first(deregister))


@pytest.mark.verify("a complete ticketing drill")
def test_failing_api_in_committed_drill_that_moves_users_breaks_drill_isolation() -> None:
    """Neither Region answers for 90 seconds of the ticketing drill, which moves its users on purpose."""

    def stop(session: RehearsalSession) -> None:
        def set_error_rate(percent: int) -> None:
            for region in (DUBLIN, SINGAPORE):
                session.world.rest_apis.set_error_rate(region, percent)

        session.engine.clock.call_later(60, lambda: set_error_rate(100))
        session.engine.clock.call_later(150, lambda: set_error_rate(0))

    assert "drill-isolation" in violations_in_committed("ticketing", "drill", change=stop)
