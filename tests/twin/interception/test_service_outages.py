"""One AWS service fails in one Region, for a time."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from leeward.base.client_timeouts import CONNECT_SECONDS
from leeward.common.aws.clients import client
from leeward.twin.engine import FaultKind
from leeward.twin.interception import SERVICE_FAULTS
from leeward.twin.interception.calls.operation_names import UnknownService
from tests.twin.engine.machines import REGION, START, elapsed, machine, open_engine, run_execution, task
from tests.twin.interception.test_call_faults import in_a_handler

OTHER = "us-east-1"


def _topics(region: str = REGION) -> Any:
    return client("sns", region, allow_retries=False).list_topics()


@pytest.mark.parametrize(
    ("fault", "code", "outcome"),
    [
        ("server-error", "ServiceUnavailable", "ServiceUnavailable"),
        ("throttled", "Throttling", "Throttling"),
        ("denied", "AccessDenied", "AccessDenied"),
        ("black-hole", None, "timed-out"),
    ],
)
def test_every_call_to_the_service_fails_with_its_own_error(fault: str, code: str | None, outcome: str) -> None:
    with open_engine() as opened:
        opened.interceptor.schedule_service_outage("sns", REGION, SERVICE_FAULTS[fault], START)
        error = in_a_handler(opened, _topics)
        assert [call.outcome for call in opened.interceptor.calls] == [outcome]
        if code is None:
            assert isinstance(error, ConnectTimeoutError)
            assert elapsed(opened) == CONNECT_SECONDS
        else:
            assert isinstance(error, ClientError)
            assert error.response["Error"]["Code"] == code
        assert isinstance(in_a_handler(opened, lambda: _topics(OTHER)), dict)
        assert isinstance(
            in_a_handler(opened, lambda: client("dynamodb", REGION, allow_retries=False).list_tables()), dict
        )
        opened.client("sns", REGION).list_topics()  # an operator's call isn't affected


def test_outage_without_region_affects_every_region() -> None:
    with open_engine() as opened:
        opened.interceptor.schedule_service_outage("sns", None, FaultKind.ACCESS_DENIED, START)
        for region in (REGION, OTHER):
            assert isinstance(in_a_handler(opened, partial(_topics, region)), ClientError)


def test_outage_lasts_from_start_until_end() -> None:
    with open_engine() as opened:
        opened.interceptor.schedule_service_outage(
            "sns", REGION, FaultKind.THROTTLED, START + timedelta(seconds=100), START + timedelta(seconds=200)
        )
        seen = []
        for _ in range(4):
            answer = in_a_handler(opened, _topics)
            seen.append((opened.interceptor.find_service_fault("sns", REGION), isinstance(answer, dict)))
            opened.clock.sleep(99)
        active = FaultKind.THROTTLED
        assert seen == [(None, True), (None, True), (active, False), (None, True)]


@pytest.mark.parametrize("name", ["states", "stepfunctions"])
def test_service_has_the_name_of_boto3_or_of_iam(name: str) -> None:
    with open_engine() as opened:
        outage = opened.interceptor.schedule_service_outage(name, REGION, FaultKind.SERVER_ERROR, START)
        assert outage.service == "stepfunctions"
        call = client("stepfunctions", REGION, allow_retries=False).list_state_machines
        assert isinstance(in_a_handler(opened, call), ClientError)


@pytest.mark.parametrize(("name", "hint"), [("snss", "is sns meant"), ("Route54", "is route53 meant"), ("?", "boto3")])
def test_unknown_service_is_rejected(name: str, hint: str) -> None:
    with open_engine() as opened, pytest.raises(UnknownService, match=hint):
        opened.interceptor.schedule_service_outage(name, REGION, FaultKind.SERVER_ERROR, START)


def test_invalid_fault_and_end_are_rejected() -> None:
    with open_engine() as opened:
        with pytest.raises(ValueError, match="can't fail as answer-lost; use one of server-error"):
            opened.interceptor.schedule_service_outage("sns", REGION, FaultKind.ANSWER_LOST, START)
        with pytest.raises(ValueError, match="must end after it starts"):
            opened.interceptor.schedule_service_outage("sns", REGION, FaultKind.THROTTLED, START, START)


@pytest.mark.parametrize(("region", "is_hit"), [("eu-west-1", True), (OTHER, False)])
def test_arc_cluster_fails_in_the_region_of_the_endpoint(region: str, is_hit: bool) -> None:
    with open_engine() as opened:
        opened.interceptor.schedule_service_outage("route53-recovery-cluster", region, FaultKind.SERVER_ERROR, START)

        def call() -> None:
            url = "https://host-aaaaaa.route53-recovery-cluster.eu-west-1.amazonaws.com/v1"
            with suppress(Exception):  # nothing is behind the endpoint
                boto3.client("route53-recovery-cluster", region_name=OTHER, endpoint_url=url).list_routing_controls()

        in_a_handler(opened, call)
        assert opened.interceptor.calls
        assert {each.outcome == "InternalServerException" for each in opened.interceptor.calls} == {is_hit}


@pytest.mark.parametrize(
    ("fault", "error", "seconds"),
    [
        ("server-error", "Lambda.ServiceException", 0),
        ("throttled", "Lambda.TooManyRequestsException", 0),
        ("denied", "Lambda.AWSLambdaException", 0),
        ("black-hole", "Lambda.SdkClientException", 40),
    ],
)
def test_outage_of_lambda_fails_task_states(fault: str, error: str, seconds: float) -> None:
    ran: list[int] = []
    with open_engine({"work": lambda event, context: ran.append(1)}) as opened:
        opened.interceptor.schedule_service_outage("lambda", REGION, SERVICE_FAULTS[fault], START)
        outcome = run_execution(opened, machine("A", A=task("work")))
        assert (outcome.error, ran, elapsed(opened)) == (error, [], seconds)
    assert ("AccessDeniedException" in (outcome.cause or "")) == (fault == "denied")


def test_state_succeeds_when_lambda_responds_again_within_its_retries() -> None:
    retry = [{"ErrorEquals": ["Lambda.ServiceException"], "IntervalSeconds": 10, "MaxAttempts": 3, "BackoffRate": 1.0}]
    with open_engine({"work": lambda event, context: 1}) as opened:
        end = START + timedelta(seconds=15)
        opened.interceptor.schedule_service_outage("lambda", REGION, FaultKind.SERVER_ERROR, START, end)
        assert run_execution(opened, machine("A", A=task("work", Retry=retry))).status == "SUCCEEDED"
        assert elapsed(opened) == 20
