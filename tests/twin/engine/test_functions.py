"""Lambda functions, as a handler and as a state machine see them."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from leeward.common.aws.clients import client
from leeward.twin.errors import HandlerStuck
from tests.twin.engine.drills import PASS, REGION, catch, elapsed, ended, engine, machine, started, task, wait


class LaunchFailed(Exception):
    pass


def test_the_context_is_lambdas() -> None:
    def handler(event: Any, context: Any) -> Any:
        time.sleep(10)
        return {
            "name": context.function_name,
            "arn": context.invoked_function_arn,
            "memory": context.memory_limit_in_mb,
            "left": context.get_remaining_time_in_millis(),
            "id": str(uuid.UUID(context.aws_request_id)) == context.aws_request_id,
        }

    with engine() as opened:
        opened.functions.register(
            REGION, "look", handler, timeout_seconds=60, latency_seconds=0.5, memory_mb=512, environment={"A": "b"}
        )
        outcome = ended(opened, machine("A", A=task("look", OutputPath="$.Payload")))
    assert outcome.output == {
        "name": "look",
        "arn": f"arn:aws:lambda:{REGION}:123456789012:function:look",
        "memory": "512",
        "left": 49_500,
        "id": True,
    }


def test_functions_are_found_in_the_state_machines_region_or_by_arn() -> None:
    with engine() as opened:
        for region in ("us-east-1", REGION):
            opened.functions.register(region, "where", lambda event, context: os.environ["AWS_REGION"])
        arn = "arn:aws:lambda:us-east-1:123456789012:function:where"
        states = machine(
            "A", A=task("where", ResultPath="$.here", Next="B"), B=task(f"{arn}:live", ResultPath="$.there")
        )
        output = ended(opened, states).output
    assert (output["here"]["Payload"], output["there"]["Payload"]) == (REGION, "us-east-1")


def test_an_unknown_function_is_lambdas_own_error() -> None:
    definition = machine(
        "A", A=task("missing", Catch=catch("Lambda.ResourceNotFoundException", then="Caught")), Caught=PASS
    )
    with engine() as opened:
        outcome = ended(opened, definition)
        assert outcome.output["error"]["Error"] == "Lambda.ResourceNotFoundException"
        assert "function:missing" in outcome.output["error"]["Cause"]
        lambda_client = opened.client("lambda", REGION)
        with pytest.raises(lambda_client.exceptions.ResourceNotFoundException):
            lambda_client.invoke(FunctionName="missing")


def test_an_exception_becomes_its_class_name_and_text() -> None:
    def handler(event: Any, context: Any) -> Any:
        raise LaunchFailed("s-1: no free address in the subnet")

    with engine({"launch": handler}) as opened:
        outcome = ended(opened, machine("A", A=task("launch")))
        (invocation,) = opened.functions.invocations
    assert outcome.error == "LaunchFailed"
    cause = json.loads(outcome.cause or "")
    assert (cause["errorType"], cause["errorMessage"]) == ("LaunchFailed", "s-1: no free address in the subnet")
    assert cause["requestId"] == invocation.request_id
    assert invocation.error_type == "LaunchFailed"
    assert "test_functions.py" in (invocation.trace or "")


def test_an_answer_that_is_no_json_is_a_marshal_error() -> None:
    with engine({"set": lambda event, context: {1, 2}}) as opened:
        assert ended(opened, machine("A", A=task("set"))).error == "Runtime.MarshalError"


def test_a_function_over_its_time_is_ended_there_and_then() -> None:
    seen: list[str] = []

    def handler(event: Any, context: Any) -> Any:
        try:
            time.sleep(100)
        except Exception:  # a handler that catches everything does not survive its time either
            seen.append("caught")
        seen.append("went on")

    with engine() as opened:
        opened.functions.register(REGION, "slow", handler, timeout_seconds=60)
        outcome = ended(opened, machine("A", A=task("slow")))
        assert elapsed(opened) == 60
        opened.clock.sleep(1000)
    assert outcome.error == "Sandbox.Timedout"
    assert "Task timed out after 60.00 seconds" in json.loads(outcome.cause or "")["errorMessage"]
    assert seen == []


def test_a_handler_that_has_run_out_of_time_can_call_nothing_any_more() -> None:
    def handler(event: Any, context: Any) -> Any:
        try:
            time.sleep(100)
        finally:
            client("dynamodb", REGION).list_tables()

    with engine() as opened:
        opened.functions.register(REGION, "slow", handler, timeout_seconds=60)
        assert ended(opened, machine("A", A=task("slow"))).error == "Sandbox.Timedout"
        assert opened.interceptor.calls == []


def test_latency_counts_as_the_functions_time() -> None:
    with engine() as opened:
        opened.functions.register(REGION, "f", lambda event, context: {}, timeout_seconds=3, latency_seconds=5)
        assert ended(opened, machine("A", A=task("f"))).error == "Sandbox.Timedout"
        assert elapsed(opened) == 3


def test_a_handler_outlives_its_states_timeout_and_its_effects_land() -> None:
    seen: list[float] = []

    def handler(event: Any, context: Any) -> Any:
        time.sleep(500)
        seen.append(elapsed(opened))

    with engine({"slow": handler}) as opened:
        outcome = ended(opened, machine("A", A=task("slow", TimeoutSeconds=60)))
        assert (outcome.error, elapsed(opened)) == ("States.Timeout", 60)
        opened.clock.sleep(1000)
    assert seen == [500]


def test_an_asynchronous_invocation_returns_at_once_and_is_tried_three_times() -> None:
    seen: list[tuple[float, Any]] = []

    def handler(event: Any, context: Any) -> Any:
        seen.append((elapsed(opened), event))
        raise LaunchFailed

    with engine({"later": handler}) as opened:
        answer = opened.client("lambda", REGION).invoke(
            FunctionName="later", InvocationType="Event", Payload=b'{"n": 1}'
        )
        assert (answer["StatusCode"], seen) == (202, [])
        opened.clock.sleep(1000)
    assert seen == [(0, {"n": 1}), (60, {"n": 1}), (180, {"n": 1})]


def test_a_handler_can_invoke_another_and_both_keep_their_own_time_and_environment() -> None:
    def outer(event: Any, context: Any) -> Any:
        answer = boto3.client("lambda", region_name=REGION).invoke(FunctionName="inner", Payload=b'{"n": 2}')
        return [json.load(answer["Payload"]), answer.get("FunctionError"), os.environ["AWS_LAMBDA_FUNCTION_NAME"]]

    def inner(event: Any, context: Any) -> Any:
        time.sleep(100)
        return [event, os.environ["AWS_LAMBDA_FUNCTION_NAME"]]

    with engine({"outer": outer, "inner": inner}) as opened:
        output = ended(opened, machine("A", A=task("outer", OutputPath="$.Payload"))).output
    assert output == [[{"n": 2}, "inner"], None, "outer"]


def test_an_error_of_an_invoked_function_reaches_boto3_as_a_function_error() -> None:
    def bad(event: Any, context: Any) -> Any:
        raise LaunchFailed("no")

    with engine({"bad": bad}) as opened:
        answer = opened.client("lambda", REGION).invoke(FunctionName="bad")
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "LaunchFailed"


def test_threads_in_a_handler_are_refused_by_name() -> None:
    def handler(event: Any, context: Any) -> Any:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(str, [1, 2]))

    with engine({"pool": handler}) as opened:
        outcome = ended(opened, machine("A", A=task("pool")))
    assert outcome.error == "ThreadsRefused"
    assert "pool starts a thread" in json.loads(outcome.cause or "")["errorMessage"]


def test_a_handler_that_never_waits_is_interrupted_and_named() -> None:
    def handler(event: Any, context: Any) -> Any:
        while True:
            with suppress(Exception):
                sum(range(1000))

    with engine({"busy": handler}, watchdog_seconds=0.2) as opened:
        execution = started(opened, machine("A", A=task("busy")))
        with pytest.raises(HandlerStuck, match="busy"):
            opened.wait_for_execution(execution)


def test_a_handler_that_hangs_in_a_blocking_call_is_interrupted_and_named() -> None:
    import threading

    block = threading.Lock()
    block.acquire()
    with engine({"hangs": lambda event, context: block.acquire()}, watchdog_seconds=0.1) as opened:
        execution = started(opened, machine("A", A=task("hangs")))
        with pytest.raises(HandlerStuck, match="hangs"):
            opened.wait_for_execution(execution)
    with engine() as opened:
        assert ended(opened, machine("A", A=PASS)).status == "SUCCEEDED"


def test_off_the_main_thread_too_a_handler_that_never_waits_is_interrupted() -> None:
    import threading

    told: list[BaseException] = []

    def busy(event: Any, context: Any) -> None:
        while True:
            pass

    def simulate() -> None:
        with engine({"busy": busy}, watchdog_seconds=0.1) as opened:
            execution = started(opened, machine("A", A=task("busy")))
            try:
                opened.wait_for_execution(execution)
            except HandlerStuck as error:
                told.append(error)

    thread = threading.Thread(target=simulate)
    thread.start()
    thread.join(20)
    assert "busy" in str(told[0])


def test_a_handler_that_exits_the_process_ends_its_own_invocation_only() -> None:
    with engine({"exits": lambda event, context: sys.exit(3)}) as opened:
        assert ended(opened, machine("A", A=task("exits"))).error == "Runtime.ExitError"


def test_two_actors_may_wait_for_the_same_execution() -> None:
    seen: list[str] = []
    with engine() as opened:
        execution = started(opened, machine("A", A=wait(60)))
        for _ in range(2):
            opened.clock.call_later(1, lambda: seen.append(opened.wait_for_execution(execution).status))
        opened.wait_for_execution(execution)
        opened.clock.sleep(1)
    assert seen == ["SUCCEEDED", "SUCCEEDED"]


def test_an_invoked_function_outlives_the_one_that_invoked_it() -> None:
    done: list[float] = []

    def outer(event: Any, context: Any) -> None:
        opened.client("lambda", REGION).invoke(FunctionName="inner")

    def inner(event: Any, context: Any) -> None:
        time.sleep(100)
        done.append(elapsed(opened))

    with engine({"inner": inner}) as opened:
        opened.functions.register(REGION, "outer", outer, timeout_seconds=60, latency_seconds=0)
        assert ended(opened, machine("A", A=task("outer"))).error == "Sandbox.Timedout"
        assert elapsed(opened) == 60
        opened.clock.sleep(100)
    assert done == [100]


def test_a_payload_that_is_not_json_is_refused_as_lambda_does() -> None:
    with engine({"f": lambda event, context: event}) as opened:
        client = opened.client("lambda", REGION)
        with pytest.raises(ClientError, match="InvalidRequestContentException"):
            client.invoke(FunctionName="f", Payload=b"not json")
