"""AWS throttles calls that come too fast, with the documented buckets."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.common.aws.clients import client
from leeward.twin.engine import FaultKind
from leeward.twin.realism.api_rate_limits import ApiCall, ApiRateLimits
from leeward.twin.realism.realism_settings import Realism, RealismPart
from tests.twin.engine.machines import REGION, START, machine, open_engine, run_execution, task

HOST = "a.example.com"
FILTERED = {"Filters": [{"Name": "tag:a", "Values": ["b"]}]}
# service, operation, parameters: calls at once, and calls per second after that
LIMITS: list[tuple[str, str, dict[str, Any], int, float]] = [
    ("ec2", "DescribeInstances", {}, 50, 10),
    ("ec2", "DescribeInstances", FILTERED, 100, 20),
    ("ec2", "DescribeInstanceStatus", {"InstanceIds": ["i-1"]}, 50, 10),
    ("ec2", "DescribeLaunchTemplates", {}, 100, 20),
    ("ec2", "ModifyInstanceAttribute", {}, 50, 5),
    ("ec2", "StartInstances", {}, 5, 2),
    ("ec2", "TerminateInstances", {}, 100, 5),
    ("elbv2", "DescribeTargetHealth", {}, 40, 10),
    ("elbv2", "RegisterTargets", {}, 20, 4),
    ("elbv2", "ModifyTargetGroup", {}, 20, 3),
    ("route53", "ChangeResourceRecordSets", {}, 5, 5),
    ("route53-recovery-cluster", "UpdateRoutingControlStates", {}, 3, 3),
    ("route53-recovery-cluster", "GetRoutingControlState", {}, 10, 10),
    ("drs", "DescribeSourceServers", {}, 20, 5),
    ("drs", "StartRecovery", {}, 10, 2),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "capacity", "per_second"), LIMITS)
def test_bucket_has_its_capacity_and_refill(
    service: str, operation: str, parameters: dict[str, Any], capacity: int, per_second: float
) -> None:
    limits = ApiRateLimits()

    def count_accepted(at_second: float) -> int:
        now = START + timedelta(seconds=at_second)
        return sum(limits.take_token(ApiCall(REGION, HOST, service, operation, parameters), now) for _ in range(200))

    assert count_accepted(0) == capacity
    assert count_accepted(0) == 0
    assert count_accepted(1) == int(per_second)
    assert count_accepted(1000) == capacity


@pytest.mark.parametrize("service", ["dynamodb", "sns", "events", "stepfunctions"])
def test_other_services_have_no_limit_here(service: str) -> None:
    limits = ApiRateLimits()
    assert all(limits.take_token(ApiCall(REGION, HOST, service, "PutItem", {}), START) for _ in range(2000))


def test_limits_of_regions_and_endpoints_are_separate() -> None:
    limits = ApiRateLimits()
    arc = "route53-recovery-cluster"
    for host in ("a", "b"):
        taken = [
            limits.take_token(ApiCall(REGION, host, arc, "UpdateRoutingControlStates", {}), START) for _ in range(4)
        ]
        assert taken == [True, True, True, False]
    for region in ("us-east-1", "us-west-2"):
        start = ApiCall(region, HOST, "drs", "StartRecovery", {})
        assert [limits.take_token(start, START) for _ in range(11)] == [True] * 10 + [False]


def test_all_elb_calls_of_an_account_share_one_bucket() -> None:
    limits = ApiRateLimits()
    for _ in range(20):
        assert limits.take_token(ApiCall(REGION, HOST, "elbv2", "RegisterTargets", {}), START)
    read = ApiCall(REGION, HOST, "elbv2", "DescribeTargetHealth", {})
    reads = [limits.take_token(read, START) for _ in range(21)]
    assert reads == [True] * 20 + [False]


def test_throttled_function_sees_the_error_of_the_service() -> None:
    seen: list[str] = []

    def handler(event: Any, context: Any) -> None:
        calls = client("elbv2", REGION, allow_retries=False)
        for _ in range(60):
            try:
                calls.describe_target_groups()
            except ClientError as error:
                seen.append(f"{error.response['Error']['Code']}: {error.response['Error']['Message']}")

    with open_engine({"f": handler}, realism=Realism(frozenset({RealismPart.API_RATE_LIMITS}))) as opened:
        run_execution(opened, machine("A", A=task("f")))
        outcomes = [call.outcome for call in opened.interceptor.calls]
    assert seen == ["Throttling: Rate exceeded"] * 20
    assert outcomes == ["ok"] * 40 + ["Throttling"] * 20


def test_unfiltered_calls_have_their_own_bucket_whatever_came_first() -> None:
    limits = ApiRateLimits()
    assert limits.take_token(ApiCall(REGION, HOST, "ec2", "DescribeInstances", FILTERED), START)
    unfiltered = ApiCall(REGION, HOST, "ec2", "DescribeInstances", {})
    assert [limits.take_token(unfiltered, START) for _ in range(51)] == [True] * 50 + [False]


def test_injected_fault_is_not_hidden_by_throttling() -> None:
    def handler(event: Any, context: Any) -> None:
        for _ in range(6):
            with contextlib.suppress(ClientError):
                client("route53", REGION, allow_retries=False).list_hosted_zones()

    with open_engine({"f": handler}, realism=Realism(frozenset({RealismPart.API_RATE_LIMITS}))) as opened:
        opened.interceptor.inject_fault("route53:ListHostedZones", FaultKind.ACCESS_DENIED, nth=6)
        run_execution(opened, machine("A", A=task("f")))
        assert [call.outcome for call in opened.interceptor.calls] == ["ok"] * 5 + ["AccessDenied"]
