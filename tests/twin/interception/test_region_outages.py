"""Dark Regions and dead endpoints."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from leeward.base.client_timeouts import CONNECT_SECONDS, MAX_ATTEMPTS
from leeward.common.aws.clients import client
from leeward.twin.interception.faults.outage_schedule import RegionOutage
from leeward.twin.realism.realism_settings import Realism, RealismPart
from tests.twin.engine.machines import REGION, START, elapsed, open_engine
from tests.twin.interception.test_call_faults import in_a_handler

HOME = "us-east-1"


def _cluster(host_region: str, signed_for: str) -> Any:
    url = f"https://aaaaaaaa.route53-recovery-cluster.{host_region}.amazonaws.com/v1"
    return client("route53-recovery-cluster", signed_for, endpoint_url=url, allow_retries=False)


@pytest.mark.parametrize(
    ("service", "method"),
    [
        ("dynamodb", "list_tables"),
        ("ec2", "describe_instances"),
        ("s3", "list_buckets"),
        ("elbv2", "describe_load_balancers"),
        ("lambda", "list_functions"),
        ("cloudwatch", "list_metrics"),
    ],
)
def test_unavailable_region_does_not_respond_and_other_does(service: str, method: str) -> None:
    with open_engine() as opened:
        opened.interceptor.schedule_outage(HOME, start=START)
        dark = in_a_handler(opened, getattr(client(service, HOME, allow_retries=False), method))
        lit = in_a_handler(opened, getattr(client(service, REGION, allow_retries=False), method))
        assert isinstance(dark, EndpointConnectionError)
        assert isinstance(lit, dict)
        assert elapsed(opened) == 0
        assert [(call.region, call.outcome) for call in opened.interceptor.calls] == [(HOME, "dark"), (REGION, "ok")]


@pytest.mark.parametrize(("service", "method"), [("route53", "list_hosted_zones"), ("iam", "list_roles")])
def test_us_east_1_outage_includes_global_control_planes(service: str, method: str) -> None:
    with open_engine() as opened:
        opened.interceptor.schedule_outage(HOME, start=START)
        answer = in_a_handler(opened, getattr(client(service, REGION, allow_retries=False), method))
    assert isinstance(answer, EndpointConnectionError)


def test_black_hole_delays_each_attempt() -> None:
    with open_engine() as opened:
        opened.interceptor.schedule_outage(HOME, start=START, black_hole=timedelta(seconds=5))
        once = in_a_handler(opened, lambda: client("dynamodb", HOME, allow_retries=False).list_tables())
        assert isinstance(once, ConnectTimeoutError)
        assert elapsed(opened) == 5
        in_a_handler(opened, lambda: client("dynamodb", HOME).list_tables())
        assert [call.outcome for call in opened.interceptor.calls] == ["dark"] * (1 + MAX_ATTEMPTS)
        assert elapsed(opened) >= 5 * (1 + MAX_ATTEMPTS)


@pytest.mark.parametrize(
    ("parts", "black_hole", "error", "seconds"),
    [
        ({RealismPart.REQUEST_TIMEOUTS}, None, ConnectTimeoutError, CONNECT_SECONDS),
        ({RealismPart.REQUEST_TIMEOUTS}, timedelta(0), EndpointConnectionError, 0),
        (set(), None, EndpointConnectionError, 0),
    ],
)
def test_call_to_unavailable_region_hangs_by_default(
    parts: set[RealismPart], black_hole: timedelta | None, error: type[Exception], seconds: float
) -> None:
    with open_engine(realism=Realism(frozenset(parts))) as opened:
        opened.interceptor.schedule_outage(HOME, start=START, black_hole=black_hole)
        answer = in_a_handler(opened, lambda: client("dynamodb", HOME, allow_retries=False).list_tables())
        assert type(answer) is error
        assert elapsed(opened) == seconds


def test_outage_starts_and_ends() -> None:
    with open_engine() as opened:
        start, end = START + timedelta(seconds=100), START + timedelta(seconds=200)
        opened.interceptor.schedule_outage(HOME, start=start, end=end)
        seen = []
        for _ in range(4):
            answer = in_a_handler(opened, lambda: client("dynamodb", HOME, allow_retries=False).list_tables())
            seen.append((opened.interceptor.has_outage(HOME), isinstance(answer, dict)))
            opened.clock.sleep(99)
        assert seen == [(False, True), (False, True), (True, False), (False, True)]
        assert opened.interceptor.has_outage(HOME, start)
        assert not opened.interceptor.has_outage(HOME, end)
        assert not opened.interceptor.has_outage(REGION, start)


def test_endpoint_is_down_until_restored() -> None:
    host = f"dynamodb.{REGION}.amazonaws.com"
    with open_engine() as opened:
        opened.interceptor.take_endpoint_down(host)
        assert opened.interceptor.is_endpoint_down(host.upper())
        call = lambda: client("dynamodb", REGION, allow_retries=False).list_tables()  # noqa: E731
        assert isinstance(in_a_handler(opened, call), EndpointConnectionError)
        opened.interceptor.bring_endpoint_up(host)
        assert isinstance(in_a_handler(opened, call), dict)
        assert [each.outcome for each in opened.interceptor.calls] == ["endpoint down", "ok"]


@pytest.mark.parametrize(("host_region", "signed_for"), [("eu-west-1", HOME), (HOME, "eu-west-1"), (HOME, HOME)])
def test_arc_endpoint_region_is_taken_from_host(host_region: str, signed_for: str) -> None:
    with open_engine() as opened:
        opened.interceptor.schedule_outage(HOME, start=START)

        def call() -> None:
            with suppress(Exception):  # whatever there is, or is not, behind the endpoint
                _cluster(host_region, signed_for).list_routing_controls()

        in_a_handler(opened, call)
        (struck,) = opened.interceptor.calls
    assert (struck.outcome == "dark") == (host_region == HOME)
    assert struck.region == host_region
    assert struck.operation == "route53-recovery-cluster:ListRoutingControls"


def test_outage_includes_start_and_excludes_end() -> None:
    darkness = RegionOutage(HOME, START, START + timedelta(seconds=1))
    assert darkness.is_active(START)
    assert not darkness.is_active(START + timedelta(seconds=1))
    assert not darkness.is_active(START - timedelta(microseconds=1))
    assert RegionOutage(HOME, START).is_active(START + timedelta(days=1000))


def test_signing_region_determines_called_region() -> None:
    """IAM's client in us-west-2 signs for us-east-1."""
    with open_engine() as opened:
        in_a_handler(opened, lambda: boto3.client("iam", region_name=REGION).list_roles()["Roles"])
        assert [(call.region, call.operation) for call in opened.interceptor.calls] == [(HOME, "iam:ListRoles")]
