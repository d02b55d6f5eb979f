"""The log of calls."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session

from leeward.common.aws.clients import client
from leeward.twin.interception.calls.aws_calls import to_boto3_name
from tests.twin.engine.machines import REGION, START, catch_clause, machine, open_engine, run_execution, task, wait
from tests.twin.interception.test_call_faults import in_a_handler

SERVICES = [
    "acm", "arc-region-switch", "autoscaling", "cloudformation", "cloudwatch", "dynamodb", "drs", "ec2", "elb", "elbv2",
    "events", "iam", "kms", "lambda", "logs", "rds", "route53", "route53-recovery-cluster",
    "route53-recovery-control-config", "s3", "scheduler", "secretsmanager", "ses", "sns", "sqs", "ssm", "stepfunctions",
    "sts", "xray",
]  # fmt: skip


NO_RUN = "arn:aws:states:us-west-2:123456789012:execution:m:none"


@pytest.mark.parametrize("service", SERVICES)
def test_service_name_matches_boto3(service: str) -> None:
    model = get_session().get_service_model(service)
    assert to_boto3_name(model.service_id.hyphenize()) == service


def test_call_log_has_time_caller_region_operation_and_outcome() -> None:
    def handler(event: Any, context: Any) -> None:
        time.sleep(30)
        client("elbv2", REGION).describe_load_balancers()

    with open_engine({"leeward-look": handler}) as opened:
        run_execution(opened, machine("A", A=task("leeward-look")))
        (call,) = opened.interceptor.calls
    assert call.at == START + timedelta(seconds=30)
    assert (call.caller, call.region, call.service) == ("leeward-look", REGION, "elbv2")
    assert (call.operation, call.outcome) == ("elbv2:DescribeLoadBalancers", "ok")


@pytest.mark.parametrize(
    ("service", "method", "options", "code"),
    [
        ("dynamodb", "describe_table", {"TableName": "none"}, "ResourceNotFoundException"),
        ("ec2", "describe_instances", {"InstanceIds": ["i-0123456789abcdef0"]}, "InvalidInstanceID.NotFound"),
        ("elbv2", "describe_target_groups", {"Names": ["none"]}, "TargetGroupNotFound"),
        ("route53", "get_hosted_zone", {"Id": "Z0"}, "NoSuchHostedZone"),
        ("lambda", "get_function", {"FunctionName": "none"}, "ResourceNotFoundException"),
        ("stepfunctions", "describe_execution", {"executionArn": NO_RUN}, "ExecutionDoesNotExist"),
    ],
)  # fmt: skip
def test_aws_error_is_logged_by_code(service: str, method: str, options: Any, code: str) -> None:
    with open_engine() as opened:
        error = in_a_handler(opened, lambda: getattr(client(service, REGION), method)(**options))
        assert isinstance(error, ClientError)
        assert error.response["Error"]["Code"] == code
        assert [call.outcome for call in opened.interceptor.calls] == [code]


def test_call_of_a_function_that_outlives_its_state_keeps_the_state() -> None:
    """The Task state times out, and the execution is in its next state while the function still runs."""

    def handler(event: Any, context: Any) -> None:
        time.sleep(30)
        client("elbv2", REGION).describe_load_balancers()

    first = task("leeward-look", TimeoutSeconds=10, Catch=catch_clause("States.Timeout", then="B"), Next="B")
    with open_engine({"leeward-look": handler}) as opened:
        run_execution(opened, machine("A", A=first, B=wait(60)))
        (call,) = opened.interceptor.calls
        (invocation,) = opened.functions.invocations
    assert (call.at, call.state, invocation.state) == (START + timedelta(seconds=30), "A", "A")


def test_call_outside_an_execution_has_no_state() -> None:
    def handler(event: Any, context: Any) -> None:
        client("elbv2", REGION).describe_load_balancers()

    with open_engine({"leeward-look": handler}) as opened:
        invocation = opened.functions.invoke(opened.functions.find("leeward-look", REGION), "{}")
        (call,) = opened.interceptor.calls
    assert (call.state, invocation.state) == ("", "")
