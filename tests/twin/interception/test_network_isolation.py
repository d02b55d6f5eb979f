"""Nothing leaves for the real network."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
import urllib3

from leeward.common.aws.clients import client
from leeward.twin.errors import NotSimulated
from tests.twin.engine.machines import REGION, machine, open_engine, run_execution, task


@pytest.mark.parametrize(
    ("service", "method", "options", "said"),
    [
        ("arc-region-switch", "list_plans", {}, r"arc-region-switch:ListPlans in us-east-1 .*api\.aws"),
        ("bcm-data-exports", "list_exports", {}, r"bcm-data-exports:ListExports in us-east-1 .*nothing simulates"),
        ("elbv2", "describe_account_limits", {"PageSize": 1}, None),
        ("ec2", "describe_fpga_images", {}, r"ec2:DescribeFpgaImages in us-west-2 .*does not implement"),
    ],
)
def test_unsimulated_call_is_rejected_by_name(service: str, method: str, options: Any, said: str | None) -> None:
    with open_engine() as opened:
        aws = opened.client(service, REGION)
        if said is None:
            assert getattr(aws, method)(**options)
            return
        with pytest.raises(NotSimulated, match=said):
            getattr(aws, method)(**options)


def test_rejected_handler_call_is_logged_and_fails() -> None:
    with open_engine({"f": lambda event, context: client("arc-region-switch", REGION).list_plans()}) as opened:
        assert run_execution(opened, machine("A", A=task("f"))).error == "NotSimulated"
        assert [(call.operation, call.outcome) for call in opened.interceptor.calls] == [
            ("arc-region-switch:ListPlans", "not simulated")
        ]


def test_custom_endpoint_is_rejected() -> None:
    with open_engine(), pytest.raises(NotSimulated, match=r"internal\.example\.com"):
        boto3.client("dynamodb", region_name=REGION, endpoint_url="https://internal.example.com").list_tables()


def test_direct_connection_pool_is_intercepted() -> None:
    with open_engine(), pytest.raises(NotSimulated, match="connection pool"):
        urllib3.HTTPConnectionPool("example.com").request("GET", "/")
