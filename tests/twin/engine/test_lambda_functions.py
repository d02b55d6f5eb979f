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
from tests.twin.engine.machines import (
    PASS,
    REGION,
    catch_clause,
    elapsed,
    machine,
    open_engine,
    run_execution,
    start_execution,
    task,
    wait,
)


class LaunchFailed(Exception):
    pass


def test_context_matches_lambda() -> None:
    def handler(event: Any, context: Any) -> Any:
        time.sleep(10)
        return {
            "name": context.function_name,
            "arn": context.invoked_function_arn,
            "memory": context.memory_limit_in_mb,
            "left": context.get_remaining_time_in_millis(),
            "id": str(uuid.UUID(context.aws_request_id)) == context.aws_request_id,
        }

    with open_engine() as opened:
        opened.functions.register(
            REGION, "look", handler, timeout_seconds=60, latency_seconds=0.5, memory_mb=512, environment={"A": "b"}
        )
        outcome = run_execution(opened, machine("A", A=task("look", OutputPath="$.Payload")))
    assert outcome.output == {
        "name": "look",
        "arn": f"arn:aws:lambda:{REGION}:123456789012:function:look",
        "memory": "512",
        "left": 49_500,
        "id": True,
    }


def test_functions_are_resolved_by_region_or_arn() -> None:
    with open_engine() as opened:
        for region in ("us-east-1", REGION):
            opened.functions.register(region, "where", lambda event, context: os.environ["AWS_REGION"])
        arn = "arn:aws:lambda:us-east-1:123456789012:function:where"
        states = machine(
            "A", A=task("where", ResultPath="$.here", Next="B"), B=task(f"{arn}:live", ResultPath="$.there")
        )
        output = run_execution(opened, states).output
    assert (output["here"]["Payload"], output["there"]["Payload"]) == (REGION, "us-east-1")


def test_unknown_function_raises_resource_not_found() -> None:
    definition = machine(
        "A", A=task("missing", Catch=catch_clause("Lambda.ResourceNotFoundException", then="Caught")), Caught=PASS
    )
    with open_engine() as opened:
        outcome = run_execution(opened, definition)
        assert outcome.output["error"]["Error"] == "Lambda.ResourceNotFoundException"
        assert "function:missing" in outcome.output["error"]["Cause"]
        lambda_client = opened.client("lambda", REGION)
        with pytest.raises(lambda_client.exceptions.ResourceNotFoundException):
            lambda_client.invoke(FunctionName="missing")


def test_exception_becomes_error_type_and_message() -> None:
    def handler(event: Any, context: Any) -> Any:
        raise LaunchFailed("s-1: no free address in the subnet")

    with open_engine({"launch": handler}) as opened:
        outcome = run_execution(opened, machine("A", A=task("launch")))
        (invocation,) = opened.functions.invocations
    assert outcome.error == "LaunchFailed"
    cause = json.loads(outcome.cause or "")
    assert (cause["errorType"], cause["errorMessage"]) == ("LaunchFailed", "s-1: no free address in the subnet")
    assert cause["requestId"] == invocation.request_id
    assert invocation.error_type == "LaunchFailed"
    assert "test_lambda_functions.py" in (invocation.trace or "")


def test_non_json_result_is_marshal_error() -> None:
    with open_engine({"set": lambda event, context: {1, 2}}) as opened:
        assert run_execution(opened, machine("A", A=task("set"))).error == "Runtime.MarshalError"


def test_function_timeout_ends_handler() -> None:
    seen: list[str] = []

    def handler(event: Any, context: Any) -> Any:
        try:
            time.sleep(100)
        except Exception:  # a handler that catches everything does not survive its time either
            seen.append("caught")
        seen.append("went on")

    with open_engine() as opened:
        opened.functions.register(REGION, "slow", handler, timeout_seconds=60)
        outcome = run_execution(opened, machine("A", A=task("slow")))
        assert elapsed(opened) == 60
        opened.clock.sleep(1000)
    assert outcome.error == "Sandbox.Timedout"
    assert "Task timed out after 60.00 seconds" in json.loads(outcome.cause or "")["errorMessage"]
    assert seen == []


def test_timed_out_handler_cannot_call_aws() -> None:
    def handler(event: Any, context: Any) -> Any:
        try:
            time.sleep(100)
        finally:
            client("dynamodb", REGION).list_tables()

    with open_engine() as opened:
        opened.functions.register(REGION, "slow", handler, timeout_seconds=60)
        assert run_execution(opened, machine("A", A=task("slow"))).error == "Sandbox.Timedout"
        assert opened.interceptor.calls == []


def test_latency_counts_toward_function_timeout() -> None:
    with open_engine() as opened:
        opened.functions.register(REGION, "f", lambda event, context: {}, timeout_seconds=3, latency_seconds=5)
        assert run_execution(opened, machine("A", A=task("f"))).error == "Sandbox.Timedout"
        assert elapsed(opened) == 3


def test_handler_outlives_state_timeout() -> None:
    seen: list[float] = []

    def handler(event: Any, context: Any) -> Any:
        time.sleep(500)
        seen.append(elapsed(opened))

    with open_engine({"slow": handler}) as opened:
        outcome = run_execution(opened, machine("A", A=task("slow", TimeoutSeconds=60)))
        assert (outcome.error, elapsed(opened)) == ("States.Timeout", 60)
        opened.clock.sleep(1000)
    assert seen == [500]


def test_async_invocation_returns_and_is_tried_three_times() -> None:
    seen: list[tuple[float, Any]] = []

    def handler(event: Any, context: Any) -> Any:
        seen.append((elapsed(opened), event))
        raise LaunchFailed

    with open_engine({"later": handler}) as opened:
        answer = opened.client("lambda", REGION).invoke(
            FunctionName="later", InvocationType="Event", Payload=b'{"n": 1}'
        )
        assert (answer["StatusCode"], seen) == (202, [])
        opened.clock.sleep(1000)
    assert seen == [(0, {"n": 1}), (60, {"n": 1}), (180, {"n": 1})]


def test_nested_invocation_keeps_separate_time_and_environment() -> None:
    def outer(event: Any, context: Any) -> Any:
        answer = boto3.client("lambda", region_name=REGION).invoke(FunctionName="inner", Payload=b'{"n": 2}')
        return [json.load(answer["Payload"]), answer.get("FunctionError"), os.environ["AWS_LAMBDA_FUNCTION_NAME"]]

    def inner(event: Any, context: Any) -> Any:
        time.sleep(100)
        return [event, os.environ["AWS_LAMBDA_FUNCTION_NAME"]]

    with open_engine({"outer": outer, "inner": inner}) as opened:
        output = run_execution(opened, machine("A", A=task("outer", OutputPath="$.Payload"))).output
    assert output == [[{"n": 2}, "inner"], None, "outer"]


def test_invoked_function_error_is_function_error() -> None:
    def bad(event: Any, context: Any) -> Any:
        raise LaunchFailed("no")

    with open_engine({"bad": bad}) as opened:
        answer = opened.client("lambda", REGION).invoke(FunctionName="bad")
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "LaunchFailed"


def test_threads_in_handler_are_rejected() -> None:
    def handler(event: Any, context: Any) -> Any:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(str, [1, 2]))

    with open_engine({"pool": handler}) as opened:
        outcome = run_execution(opened, machine("A", A=task("pool")))
    assert outcome.error == "ThreadsRefused"
    assert "pool starts a thread" in json.loads(outcome.cause or "")["errorMessage"]


def test_busy_handler_is_interrupted_and_named() -> None:
    def handler(event: Any, context: Any) -> Any:
        while True:
            with suppress(Exception):
                sum(range(1000))

    with open_engine({"busy": handler}, watchdog_seconds=0.2) as opened:
        execution = start_execution(opened, machine("A", A=task("busy")))
        with pytest.raises(HandlerStuck, match="busy"):
            opened.wait_for_execution(execution)


def test_blocking_handler_is_interrupted_and_named() -> None:
    import threading

    block = threading.Lock()
    block.acquire()
    with open_engine({"hangs": lambda event, context: block.acquire()}, watchdog_seconds=0.1) as opened:
        execution = start_execution(opened, machine("A", A=task("hangs")))
        with pytest.raises(HandlerStuck, match="hangs"):
            opened.wait_for_execution(execution)
    with open_engine() as opened:
        assert run_execution(opened, machine("A", A=PASS)).status == "SUCCEEDED"


def test_busy_handler_is_interrupted_off_main_thread() -> None:
    import threading

    output: list[BaseException] = []

    def busy(event: Any, context: Any) -> None:
        while True:
            pass

    def simulate() -> None:
        with open_engine({"busy": busy}, watchdog_seconds=0.1) as opened:
            execution = start_execution(opened, machine("A", A=task("busy")))
            try:
                opened.wait_for_execution(execution)
            except HandlerStuck as error:
                output.append(error)

    thread = threading.Thread(target=simulate)
    thread.start()
    thread.join(20)
    assert "busy" in str(output[0])


def test_sys_exit_in_handler_ends_only_its_invocation() -> None:
    with open_engine({"exits": lambda event, context: sys.exit(3)}) as opened:
        assert run_execution(opened, machine("A", A=task("exits"))).error == "Runtime.ExitError"


def test_two_actors_can_wait_for_one_execution() -> None:
    seen: list[str] = []
    with open_engine() as opened:
        execution = start_execution(opened, machine("A", A=wait(60)))
        for _ in range(2):
            opened.clock.call_later(1, lambda: seen.append(opened.wait_for_execution(execution).status))
        opened.wait_for_execution(execution)
        opened.clock.sleep(1)
    assert seen == ["SUCCEEDED", "SUCCEEDED"]


def test_invoked_function_outlives_caller() -> None:
    done: list[float] = []

    def outer(event: Any, context: Any) -> None:
        opened.client("lambda", REGION).invoke(FunctionName="inner")

    def inner(event: Any, context: Any) -> None:
        time.sleep(100)
        done.append(elapsed(opened))

    with open_engine({"inner": inner}) as opened:
        opened.functions.register(REGION, "outer", outer, timeout_seconds=60, latency_seconds=0)
        assert run_execution(opened, machine("A", A=task("outer"))).error == "Sandbox.Timedout"
        assert elapsed(opened) == 60
        opened.clock.sleep(100)
    assert done == [100]


def test_non_json_payload_is_rejected() -> None:
    with open_engine({"f": lambda event, context: event}) as opened:
        client = opened.client("lambda", REGION)
        with pytest.raises(ClientError, match="InvalidRequestContentException"):
            client.invoke(FunctionName="f", Payload=b"not json")


def test_function_without_concurrency_is_throttled() -> None:
    with open_engine({"f": lambda event, context: event}) as opened:
        functions = opened.client("lambda", REGION)
        functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
        assert functions.get_function_concurrency(FunctionName="f")["ReservedConcurrentExecutions"] == 0
        assert run_execution(opened, machine("A", A=task("f"))).error == "Lambda.TooManyRequestsException"
        functions.delete_function_concurrency(FunctionName="f")
        assert run_execution(opened, machine("A", A=task("f"))).status == "SUCCEEDED"
