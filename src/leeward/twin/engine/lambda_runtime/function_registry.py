"""The Lambda functions of the simulated account, per Region."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from leeward.twin.engine.lambda_runtime.invocation import (
    Handler,
    HandlerRuntime,
    InvocationRecord,
    LambdaFunction,
    run_handler,
)
from leeward.twin.engine.virtual_threads.sync_primitives import VirtualEvent

# Lambda calls a failed asynchronous invocation twice more, after one and after two minutes (AWS Lambda Developer
# Guide, "How Lambda handles errors and retries with asynchronous invocation").
ASYNC_RETRY_DELAYS_SECONDS = (60, 120)


class InvocationFault(StrEnum):
    """What may befall an invocation as a whole."""

    RUN_TWICE = "run twice"
    """It runs to its end, and then once more with the same event; the second answer is the one that is heard."""
    TIMED_OUT = "timed out"
    """All that it does is done, and its answer never comes: its time is over."""


# Asked for each invocation: what befalls it, if anything.
InvocationFaultPlan = Callable[[LambdaFunction], InvocationFault | None]


class FunctionRegistry:
    """What can be invoked, and what was."""

    def __init__(self, account: str, runtime: HandlerRuntime) -> None:
        self._account = account
        self._runtime, self._scheduler = runtime, runtime.scheduler
        self._functions: dict[tuple[str, str], LambdaFunction] = {}
        self.invocations: list[InvocationRecord] = []
        self.fault_plan: InvocationFaultPlan | None = None
        self._reserved_concurrency: dict[tuple[str, str], int] = {}

    def register(
        self,
        region: str,
        name: str,
        handler: Handler,
        *,
        timeout_seconds: float = 60,
        latency_seconds: float = 0.2,
        environment: Mapping[str, str] | None = None,
        memory_mb: int = 256,
        role: str | None = None,
    ) -> LambdaFunction:
        """Deploy `handler` (called with event and context) as `name` in `region`, replacing what was there."""
        function = LambdaFunction(
            region, self._account, name, handler, timeout_seconds, latency_seconds, memory_mb, dict(environment or {}),
            role,
        )  # fmt: skip
        self._functions[region, name] = function
        return function

    def list_in_region(self, region: str) -> list[LambdaFunction]:
        """Those of one Region, by name."""
        return [self._functions[key] for key in sorted(self._functions) if key[0] == region]

    def remove(self, region: str, name: str) -> None:
        """Delete the function. Raises KeyError where there is none."""
        del self._functions[region, name]

    def find(self, reference: str, region: str) -> LambdaFunction:
        """By name, partial ARN or ARN, with or without a version. Raises Lambda's ResourceNotFoundException."""
        parts = reference.split(":")
        if parts[0] == "arn":
            region, name = parts[3], parts[6]
        else:
            name = parts[2] if len(parts) > 2 and parts[1] == "function" else parts[0]  # noqa: PLR2004
        function = self._functions.get((region, name))
        if function is None:
            arn = f"arn:aws:lambda:{region}:{self._account}:function:{name}"
            raise ClientError(
                {
                    "Error": {"Code": "ResourceNotFoundException", "Message": f"Function not found: {arn}"},
                    "ResponseMetadata": {"HTTPStatusCode": 404, "RequestId": "twin"},  # type: ignore[typeddict-item]
                },
                "Invoke",
            )
        return function

    def set_reserved_concurrency(self, function: LambdaFunction, concurrency: int | None) -> None:
        """Its reserved concurrency; 0 stops it, None takes the reservation away."""
        if concurrency is None:
            self._reserved_concurrency.pop((function.region, function.name), None)
        else:
            self._reserved_concurrency[function.region, function.name] = concurrency

    def get_reserved_concurrency(self, function: LambdaFunction) -> int | None:
        """Its reserved concurrency, None where there is none."""
        return self._reserved_concurrency.get((function.region, function.name))

    def check_concurrency(self, function: LambdaFunction) -> None:
        """Raises Lambda's TooManyRequestsException for a function that is stopped by a reservation of 0."""
        if self.get_reserved_concurrency(function) == 0:
            raise ClientError(
                {
                    "Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."},
                    "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": "twin"},  # type: ignore[typeddict-item]
                },
                "Invoke",
            )

    def invoke(self, function: LambdaFunction, payload: str | bytes | None) -> InvocationRecord:
        """Run the handler in the calling task. Never raises for what the handler raises."""
        return self._run_with_faults(function, payload)

    def invoke_in_new_task(self, function: LambdaFunction, payload: str | bytes | None) -> InvocationRecord:
        """Run the handler in a task of its own and wait for it: one handler invokes another, and each has its own
        time and its own surroundings."""
        ended = VirtualEvent()
        answers: list[InvocationRecord] = []

        def body() -> None:
            try:
                answers.append(self._run_with_faults(function, payload))
            finally:
                ended.set()

        self._scheduler.spawn(body, function.name)
        ended.wait()
        return answers[0]

    def invoke_async(self, function: LambdaFunction, payload: str | bytes | None) -> None:
        """Invocation type `Event`: returns at once; a failure is tried again as Lambda does."""

        def body() -> None:
            for pause in (*ASYNC_RETRY_DELAYS_SECONDS, None):
                if not self._run_with_faults(function, payload).has_failed or pause is None:
                    return
                self._scheduler.sleep(pause)

        self._scheduler.spawn(body, f"{function.name} (asynchronous)")

    def _run_with_faults(self, function: LambdaFunction, payload: str | bytes | None) -> InvocationRecord:
        invocation_fault = self.fault_plan(function) if self.fault_plan is not None else None
        if invocation_fault is InvocationFault.TIMED_OUT:
            function = replace(function, handler=self._make_overrunning_handler(function))
        record = self._run_once(function, payload)
        return self._run_once(function, payload) if invocation_fault is InvocationFault.RUN_TWICE else record

    def _make_overrunning_handler(self, function: LambdaFunction) -> Handler:
        def handler(event: Any, context: Any) -> Any:
            answer = function.handler(event, context)
            self._scheduler.sleep(function.timeout_seconds)
            return answer

        return handler

    def _run_once(self, function: LambdaFunction, payload: str | bytes | None) -> InvocationRecord:
        event: Any = json.loads(payload) if payload else {}
        record = InvocationRecord(function.name, function.region, "", self._scheduler.now())
        self.invocations.append(record)
        which = f"{function.region}|{function.name}"
        seed = f"{self._scheduler.seed}|{which}|{self._scheduler.next_number(which)}"
        run_handler(function, event, self._runtime, seed, record)
        return record
