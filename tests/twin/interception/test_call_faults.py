"""Every kind of fault, in every wire protocol, as a handler meets it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from leeward.base.client_timeouts import CONNECT_SECONDS
from leeward.common import errors
from leeward.common.aws.clients import READ_SECONDS, client, translate_errors
from leeward.twin.engine import Engine, FaultKind
from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.interception.faults.error_responses import detect_protocol
from tests.twin.engine.machines import REGION, elapsed, machine, open_engine, run_execution, task

Body = Callable[[], Any]
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "dynamodb:ListTables": ("json", "list_tables", {}),
    "stepfunctions:ListStateMachines": ("json", "list_state_machines", {}),
    "lambda:ListFunctions": ("rest-json", "list_functions", {}),
    "ec2:DescribeInstances": ("ec2", "describe_instances", {}),
    "elbv2:DescribeLoadBalancers": ("query", "describe_load_balancers", {}),
    "sns:ListTopics": ("query", "list_topics", {}),
    "route53:ListHostedZones": ("rest-xml", "list_hosted_zones", {}),
    "s3:ListBuckets": ("rest-xml", "list_buckets", {}),
    "cloudwatch:ListMetrics": ("json", "list_metrics", {}),
}
JSON_DENIED, JSON_EXPIRED = "AccessDeniedException", "ExpiredTokenException"
QUERY = ("Throttling", "ServiceUnavailable", "AccessDenied", "ExpiredToken")
# operation: throttled, server error, denied, expired
CODES = {
    "dynamodb:ListTables": (
        "ProvisionedThroughputExceededException",
        "InternalServerError",
        JSON_DENIED,
        JSON_EXPIRED,
    ),
    "stepfunctions:ListStateMachines": ("ThrottlingException", "ServiceUnavailable", JSON_DENIED, JSON_EXPIRED),
    "lambda:ListFunctions": ("TooManyRequestsException", "ServiceException", JSON_DENIED, JSON_EXPIRED),
    "ec2:DescribeInstances": ("RequestLimitExceeded", "InternalError", "UnauthorizedOperation", "RequestExpired"),
    "elbv2:DescribeLoadBalancers": QUERY,
    "sns:ListTopics": QUERY,
    "route53:ListHostedZones": QUERY,
    "s3:ListBuckets": ("SlowDown", "InternalError", "AccessDenied", "ExpiredToken"),
    "cloudwatch:ListMetrics": ("ThrottlingException", "InternalServiceFault", JSON_DENIED, JSON_EXPIRED),
}
ANSWERS = (FaultKind.THROTTLED, FaultKind.SERVER_ERROR, FaultKind.ACCESS_DENIED, FaultKind.CREDENTIALS_EXPIRED)
RAISED = {
    FaultKind.CONNECTION_REFUSED: (EndpointConnectionError, 0),
    FaultKind.CONNECTION_TIMED_OUT: (ConnectTimeoutError, CONNECT_SECONDS),
    FaultKind.ANSWER_LOST: (ReadTimeoutError, READ_SECONDS),
}


def in_a_handler(opened: Engine, body: Body) -> Any:
    """What `body` answers, or raises, inside a handler."""
    outcome: list[Any] = []

    def handler(event: Any, context: Any) -> None:
        try:
            outcome.append(body())
        except (ClientError, BotoCoreError, errors.LeewardError) as error:
            outcome.append(error)

    opened.functions.register(REGION, "caller", handler, latency_seconds=0, timeout_seconds=900)
    run_execution(opened, machine("A", A=task("caller")))
    return outcome[0]


def _once(operation: str) -> Body:
    service, (_, method, options) = operation.split(":", maxsplit=1)[0], CALLS[operation]
    return lambda: getattr(client(service, REGION, allow_retries=False), method)(**options)


@pytest.mark.parametrize("fault", ANSWERS)
@pytest.mark.parametrize("operation", CALLS)
def test_error_response_has_service_code(operation: str, fault: FaultKind) -> None:
    with open_engine() as opened:
        opened.interceptor.inject_fault(operation, fault)
        error = in_a_handler(opened, _once(operation))
    code = CODES[operation][ANSWERS.index(fault)]
    assert isinstance(error, ClientError)
    assert error.response["Error"]["Code"] == code
    assert error.response["Error"]["Message"].endswith("(simulated fault)")
    assert (error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500) >= (fault is FaultKind.SERVER_ERROR)
    assert [call.outcome for call in opened.interceptor.calls] == [code]


@pytest.mark.parametrize("fault", RAISED)
@pytest.mark.parametrize("operation", CALLS)
def test_lost_connection_raises_botocore_error_after_timeout(operation: str, fault: FaultKind) -> None:
    kind, seconds = RAISED[fault]
    with open_engine() as opened:
        opened.interceptor.inject_fault(operation, fault)
        assert isinstance(in_a_handler(opened, _once(operation)), kind)
        assert elapsed(opened) == seconds
        assert [call.outcome for call in opened.interceptor.calls] == [fault.value]


def test_simulated_timeouts_are_those_of_the_clients() -> None:
    with open_engine():
        config = client("dynamodb", REGION).meta.config
    simulated = RAISED[FaultKind.CONNECTION_TIMED_OUT][1], RAISED[FaultKind.ANSWER_LOST][1]
    assert simulated == (config.connect_timeout, config.read_timeout)


@pytest.mark.parametrize("operation", CALLS)
def test_protocol_is_read_from_request(operation: str) -> None:
    seen: list[str] = []
    with open_engine():
        service = operation.split(":", maxsplit=1)[0]
        aws: Any = boto3.client(service, region_name=REGION)  # type: ignore[call-overload]

        def note(request: Any, **_: Any) -> None:
            seen.append(detect_protocol(CallTarget(service, "X", REGION, ""), request))

        aws.meta.events.register_first("before-send", note)
        getattr(aws, CALLS[operation][1])()
    assert seen == [CALLS[operation][0]]


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (FaultKind.THROTTLED, errors.Throttled),
        (FaultKind.SERVER_ERROR, errors.ServiceUnavailable),
        (FaultKind.CONNECTION_REFUSED, errors.ServiceUnavailable),
        (FaultKind.CONNECTION_TIMED_OUT, errors.ServiceUnavailable),
        (FaultKind.ANSWER_LOST, errors.AnswerLost),
        (FaultKind.ACCESS_DENIED, errors.AccessDenied),
        (FaultKind.CREDENTIALS_EXPIRED, errors.CredentialsExpired),
    ],
)
@pytest.mark.parametrize("operation", [operation for operation in CALLS if operation != "ec2:DescribeInstances"])
def test_faults_map_to_named_errors(operation: str, fault: FaultKind, name: type[errors.LeewardError]) -> None:
    def call() -> Any:
        with translate_errors(operation):
            return _once(operation)()

    with open_engine() as opened:
        opened.interceptor.inject_fault(operation, fault)
        assert type(in_a_handler(opened, call)) is name


def _table() -> Any:
    return client("dynamodb", REGION, allow_retries=False).create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


# Those that kill the caller, and the surprising answers (of calls that are carried out), have tests of their own.
OF_THE_NETWORK = (
    FaultKind.THROTTLED,
    FaultKind.SERVER_ERROR,
    FaultKind.CONNECTION_REFUSED,
    FaultKind.CONNECTION_TIMED_OUT,
    FaultKind.ANSWER_LOST,
    FaultKind.ACCESS_DENIED,
    FaultKind.CREDENTIALS_EXPIRED,
)


@pytest.mark.parametrize("fault", OF_THE_NETWORK)
def test_only_lost_response_is_executed(fault: FaultKind) -> None:
    with open_engine() as opened:
        opened.interceptor.inject_fault("dynamodb:CreateTable", fault)
        assert isinstance(in_a_handler(opened, _table), Exception)
        tables = opened.client("dynamodb", REGION).list_tables()["TableNames"]
    assert tables == (["t"] if fault is FaultKind.ANSWER_LOST else [])


def test_retrying_client_repeats_call_with_lost_response() -> None:
    """Why calls without an idempotency token are sent once."""
    with open_engine() as opened:
        create = partial(client("sns", REGION).create_topic, Name="t")
        opened.interceptor.inject_fault("sns:CreateTopic", FaultKind.ANSWER_LOST)
        assert "TopicArn" in in_a_handler(opened, create)
        assert [call.outcome for call in opened.interceptor.calls] == ["answer-lost", "ok"]


def test_fault_affects_nth_call_and_following() -> None:
    with open_engine() as opened:
        rule = opened.interceptor.inject_fault("dynamodb:ListTables", FaultKind.ACCESS_DENIED, nth=2, times=2)
        call = _once("dynamodb:ListTables")

        def five() -> list[str]:
            said = []
            for _ in range(5):
                try:
                    call()
                    said.append("ok")
                except ClientError:
                    said.append("denied")
            return said

        assert in_a_handler(opened, five) == ["ok", "denied", "denied", "ok", "ok"]
        assert (rule.match_count, rule.injected_count) == (5, 2)


@pytest.mark.parametrize(
    ("operation", "region", "struck"),
    [
        ("dynamodb:*", None, True),
        ("*", None, True),
        ("dynamodb:ListTables", REGION, True),
        ("dynamodb:ListTables", "us-east-1", False),
        ("dynamodb:PutItem", None, False),
        ("sns:*", None, False),
    ],
)
def test_fault_rule_matches_operation_and_region(operation: str, region: str | None, struck: bool) -> None:
    with open_engine() as opened:
        opened.interceptor.inject_fault(operation, FaultKind.ACCESS_DENIED, times=None, region=region)
        assert isinstance(in_a_handler(opened, _once("dynamodb:ListTables")), ClientError) == struck


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation": "StartRecovery"},
        {"operation": "drs:StartRecover"},
        {"operation": "drs:Start*"},
        {"operation": "dsr:*"},
        {"nth": 0},
        {"times": 0},
    ],
)
def test_invalid_fault_rule_is_rejected(wrong: dict[str, Any]) -> None:
    with open_engine() as opened, pytest.raises(ValueError, match=r"no operation|not an AWS service|count from 1"):
        opened.interceptor.inject_fault(**{"operation": "drs:StartRecovery", "fault": FaultKind.ACCESS_DENIED, **wrong})


def test_faults_affect_only_handlers() -> None:
    with open_engine() as opened:
        opened.interceptor.inject_fault("*", FaultKind.ACCESS_DENIED, times=None)
        opened.interceptor.schedule_outage(REGION, start=opened.clock.now())
        assert opened.client("dynamodb", REGION).list_tables()["TableNames"] == []
        found: list[Any] = []
        opened.clock.call_later(1, lambda: found.append(opened.client("dynamodb", REGION).list_tables()["TableNames"]))
        opened.clock.sleep(2)
        assert found == [[]]
        assert opened.interceptor.calls == []


def test_service_alias_in_rule_is_accepted() -> None:
    with open_engine() as opened:
        rule = opened.interceptor.inject_fault("states:ListStateMachines", FaultKind.ACCESS_DENIED)
        assert rule.operation == "stepfunctions:ListStateMachines"
        raised = in_a_handler(opened, lambda: client("stepfunctions", REGION).list_state_machines())
        assert isinstance(raised, ClientError)
