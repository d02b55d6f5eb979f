"""Every error that an invocation of a Lambda function can end with, as its callers see it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from leeward.twin.engine import Engine
from leeward.twin.engine.lambda_runtime.faults.invocation_errors import (
    INVOCATION_ERRORS,
    ErrorOrigin,
    Moment,
    UnknownInvocationError,
)
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import FailedInvocation, InvocationFaultRule
from tests.twin.engine.machines import REGION, elapsed, machine, open_engine, run_execution, task

ALL = [(name, moment) for name, error in INVOCATION_ERRORS.items() for moment in error.moments]


def fail(opened: Engine, name: str, moment: Moment | None = None, nth: int = 1, times: int | None = 1) -> None:
    opened.functions.faults.add_rule(
        InvocationFaultRule(frozenset({"work"}), FailedInvocation.from_name(name, moment), nth, times)
    )


def test_every_error_of_the_invoke_model_is_covered() -> None:
    model = Loader().load_service_model("lambda", "service-2")
    shapes = [error["shape"] for error in model["operations"]["Invoke"]["errors"]]
    assert len(shapes) > 30
    missing = [name for name in shapes if f"Lambda.{name}" not in INVOCATION_ERRORS]
    assert missing == [], "add them to invocation_errors.py, with the moments at which they can occur"
    for name in shapes:
        status = model["shapes"][name]["error"]["httpStatusCode"]
        assert (name, INVOCATION_ERRORS[f"Lambda.{name}"].status) == (name, status)


def test_errors_of_the_step_functions_guide_are_covered() -> None:
    """Step Functions developer guide, "Handle Lambda service exceptions"."""
    guide = {"ClientExecutionTimeoutException", "ServiceException", "AWSLambdaException", "SdkClientException",
             "Unknown", "TooManyRequestsException"}  # fmt: skip
    assert {f"Lambda.{name}" for name in guide} < set(INVOCATION_ERRORS)


def test_a_throttled_invocation_never_runs_the_handler() -> None:
    assert INVOCATION_ERRORS["Lambda.TooManyRequestsException"].moments == (Moment.BEFORE,)


@pytest.mark.parametrize(("name", "moment"), ALL)
def test_state_fails_with_error_and_handler_runs_only_before_it(name: str, moment: Moment) -> None:
    ran: list[int] = []
    with open_engine({"work": lambda event, context: ran.append(1)}) as opened:
        fail(opened, name, moment)
        outcome = run_execution(opened, machine("A", A=task("work")))
    assert (outcome.error, len(ran)) == (name, moment is Moment.AFTER)
    assert outcome.cause


def test_default_moment_is_the_harder_one() -> None:
    assert FailedInvocation.from_name("Lambda.ServiceException").moment is Moment.AFTER
    assert FailedInvocation.from_name("Lambda.TooManyRequestsException").moment is Moment.BEFORE


@pytest.mark.parametrize(
    ("name", "moment", "text"),
    [
        ("Lambda.ServiceExeption", None, "is Lambda.ServiceException meant"),
        ("ServiceException", None, "is Lambda.ServiceException meant"),
        ("Sandbox.TimedOut", None, "is Sandbox.Timedout meant"),
        ("42", None, "use a name such as"),
        ("Lambda.TooManyRequestsException", Moment.AFTER, "can occur only before the handler, not after it"),
        ("Runtime.MarshalError", Moment.BEFORE, "can occur only after the handler, not before it"),
    ],
)
def test_invalid_error_or_moment_is_rejected(name: str, moment: Moment | None, text: str) -> None:
    with pytest.raises(UnknownInvocationError, match=text):
        FailedInvocation.from_name(name, moment)


@pytest.mark.parametrize(("nth", "times"), [(0, 1), (1, 0)])
def test_rule_counts_from_one(nth: int, times: int) -> None:
    with pytest.raises(ValueError, match="count from 1"):
        InvocationFaultRule(frozenset({"work"}), FailedInvocation.from_name("Lambda.Unknown"), nth, times)


def test_rule_fails_the_nth_invocation_and_the_ones_after_it() -> None:
    retry = [{"ErrorEquals": ["Lambda.ServiceException"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 1.0}]
    ran: list[str] = []

    def handler(event: Any, context: Any) -> None:
        ran.append(event["n"])

    with open_engine({"work": handler, "other": handler}) as opened:
        fail(opened, "Lambda.ServiceException", Moment.BEFORE, nth=2, times=2)
        states = machine(
            "A",
            A=task("other", {"n": "other"}, Next="B"),
            B=task("work", {"n": "first"}, Next="C"),
            C=task("work", {"n": "second"}, Retry=retry),
        )
        assert run_execution(opened, states).status == "SUCCEEDED"
        assert elapsed(opened) == 2
    assert ran == ["other", "first", "second"]


def test_rejected_invocation_is_not_in_the_records_of_lambda() -> None:
    with open_engine({"work": lambda event, context: 1}) as opened:
        fail(opened, "Lambda.TooManyRequestsException")
        run_execution(opened, machine("A", A=task("work")))
        assert opened.functions.invocations == []
        fail(opened, "Runtime.ImportModuleError")
        run_execution(opened, machine("A", A=task("work")))
        assert [each.error_type for each in opened.functions.invocations] == ["Runtime.ImportModuleError"]


def test_cause_of_an_api_error_is_that_of_step_functions() -> None:
    with open_engine({"work": lambda event, context: 1}) as opened:
        fail(opened, "Lambda.EC2ThrottledException")
        cause = run_execution(opened, machine("A", A=task("work"))).cause or ""
        assert "(Service: AWSLambda; Status Code: 502; Error Code: EC2ThrottledException; Request ID: " in cause


def test_unknown_error_names_the_payload_without_error_type() -> None:
    with open_engine({"work": lambda event, context: 1}) as opened:
        fail(opened, "Lambda.Unknown")
        cause = run_execution(opened, machine("A", A=task("work"))).cause or ""
    text, _, payload = cause.partition("Returned payload: ")
    assert text.startswith("The cause could not be determined because Lambda did not return an error type.")
    assert set(json.loads(payload)) == {"errorMessage"}


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("name", ["Sandbox.Timedout", "Lambda.ClientExecutionTimeoutException"])
def test_timeouts_take_the_time_of_the_function(name: str, moment: Moment) -> None:
    with open_engine() as opened:
        opened.functions.register(
            REGION, "work", lambda event, context: time.sleep(7), timeout_seconds=60, latency_seconds=0
        )
        fail(opened, name, moment)
        assert run_execution(opened, machine("A", A=task("work"))).error == name
        assert elapsed(opened) == 60


def test_boto3_client_gets_the_error_of_the_api() -> None:
    ran: list[int] = []
    with open_engine({"work": lambda event, context: ran.append(1)}) as opened:
        client = opened.client("lambda", REGION)
        fail(opened, "Lambda.KMSDisabledException", times=5)  # the client retries it
        with pytest.raises(client.exceptions.KMSDisabledException) as raised:
            client.invoke(FunctionName="work")
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502
    assert ran == []


def test_boto3_client_sees_a_lost_response_as_server_error() -> None:
    ran: list[int] = []
    with open_engine({"work": lambda event, context: ran.append(1)}) as opened:
        fail(opened, "Lambda.SdkClientException", times=None)
        with pytest.raises(ClientError, match="ServiceException"):
            opened.client("lambda", REGION).invoke(FunctionName="work")
    assert ran == [1] * 3  # the client's attempts


def test_boto3_client_gets_function_error() -> None:
    with open_engine({"work": lambda event, context: 1}) as opened:
        fail(opened, "Runtime.OutOfMemory")
        answer = opened.client("lambda", REGION).invoke(FunctionName="work")
        assert answer["FunctionError"] == "Unhandled"
        assert json.load(answer["Payload"])["errorType"] == "Runtime.OutOfMemory"


def test_asynchronous_invocation_is_tried_again_after_an_error() -> None:
    ran: list[float] = []
    with open_engine({"work": lambda event, context: ran.append(elapsed(opened))}) as opened:
        fail(opened, "Lambda.ServiceException", Moment.BEFORE)
        opened.client("lambda", REGION).invoke(FunctionName="work", InvocationType="Event")
        opened.clock.sleep(1000)
    assert ran == [60]


def test_every_origin_has_errors() -> None:
    assert {error.origin for error in INVOCATION_ERRORS.values()} == set(ErrorOrigin)
