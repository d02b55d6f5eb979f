"""The Lambda functions of the simulated account, by Region, and their invocations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from leeward.twin.engine.lambda_runtime import faulty_invocations
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import InvocationFaults
from leeward.twin.engine.lambda_runtime.invocation import (
    Handler,
    HandlerRuntime,
    InvocationRecord,
    LambdaFunction,
    run_handler,
)
from leeward.twin.engine.virtual_threads.sync_primitives import VirtualEvent
from leeward.twin.realism.execution_environments import ExecutionEnvironments

# Lambda retries a failed asynchronous invocation twice, after one and after two minutes (AWS Lambda Developer Guide,
# "How Lambda handles errors and retries with asynchronous invocation").
ASYNC_RETRY_DELAYS_SECONDS = (60, 120)


class FunctionRegistry:
    """The registered functions, and a record of each invocation."""

    def __init__(self, account: str, runtime: HandlerRuntime) -> None:
        self._account = account
        self._runtime, self._scheduler = runtime, runtime.scheduler
        self._functions: dict[tuple[str, str], LambdaFunction] = {}
        self.invocations: list[InvocationRecord] = []
        self.faults = InvocationFaults()
        self._reserved_concurrency: dict[tuple[str, str], int] = {}
        self.environments: ExecutionEnvironments | None = None
        """The functions' execution environments. None means that no invocation has a cold start."""

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
        """Register `handler(event, context)` as `name` in `region`, and replace any function with that name."""
        function = LambdaFunction(
            region, self._account, name, handler, timeout_seconds, latency_seconds, memory_mb, dict(environment or {}),
            role,
        )  # fmt: skip
        self._functions[region, name] = function
        return function

    def list_in_region(self, region: str) -> list[LambdaFunction]:
        """Return the functions of one Region, by name."""
        return [self._functions[key] for key in sorted(self._functions) if key[0] == region]

    def find_role(self, region: str, name: str) -> str | None:
        """Return the ARN of the function's role, or None if there is no such function or it has no role."""
        function = self._functions.get((region, name))
        return None if function is None else function.role

    def remove(self, region: str, name: str) -> None:
        """Delete the function. Raises KeyError when it does not exist."""
        del self._functions[region, name]

    def find(self, reference: str, region: str) -> LambdaFunction:
        """Return a function by its name, partial ARN, or ARN, with or without a version.

        Raises Lambda's ResourceNotFoundException (a ClientError).
        """
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
        """Set the function's reserved concurrency. 0 stops the function, and None removes the reservation."""
        if concurrency is None:
            self._reserved_concurrency.pop((function.region, function.name), None)
        else:
            self._reserved_concurrency[function.region, function.name] = concurrency

    def get_reserved_concurrency(self, function: LambdaFunction) -> int | None:
        """Return the function's reserved concurrency, or None."""
        return self._reserved_concurrency.get((function.region, function.name))

    def check_concurrency(self, function: LambdaFunction) -> None:
        """Raise Lambda's TooManyRequestsException when the function's reserved concurrency is 0."""
        if self.get_reserved_concurrency(function) == 0:
            raise ClientError(
                {
                    "Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."},
                    "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": "twin"},  # type: ignore[typeddict-item]
                },
                "Invoke",
            )

    def invoke(self, function: LambdaFunction, payload: str | bytes | None) -> InvocationRecord:
        """Run the handler in the calling task. Errors of the handler are recorded, never raised."""
        return self._run_with_faults(function, payload)

    def invoke_in_new_task(self, function: LambdaFunction, payload: str | bytes | None) -> InvocationRecord:
        """Run the handler in a new task and wait for it.

        Use it when one handler invokes another, so that each has its own time limit and environment.
        """
        ended = VirtualEvent()
        records: list[InvocationRecord] = []

        def body() -> None:
            try:
                records.append(self._run_with_faults(function, payload))
            finally:
                ended.set()

        self._scheduler.spawn(body, function.name)
        ended.wait()
        return records[0]

    def invoke_async(self, function: LambdaFunction, payload: str | bytes | None) -> None:
        """Invoke the function as invocation type `Event` does: return at once, and retry a failure as Lambda does."""

        def body() -> None:
            for delay in (*ASYNC_RETRY_DELAYS_SECONDS, None):
                if not self._run_with_faults(function, payload).has_failed or delay is None:
                    return
                self._scheduler.sleep(delay)

        self._scheduler.spawn(body, f"{function.name} (asynchronous)")

    def _run_with_faults(self, function: LambdaFunction, payload: str | bytes | None) -> InvocationRecord:
        fault = self.faults.choose(function)
        record = faulty_invocations.run(function, fault, lambda each: self._run_once(each, payload), self._scheduler)
        if self.environments is not None and record.left_environment and record.has_ended_process:
            self.environments.discard(function.region, function.name)  # the fault ended it after the handler
        return record

    def _run_once(self, function: LambdaFunction, payload: str | bytes | None) -> InvocationRecord:
        event: Any = json.loads(payload) if payload else {}
        state = self._scheduler.running_task.find_state_name()
        record = InvocationRecord(function.name, function.region, "", self._scheduler.now(), state=state)
        self.invocations.append(record)
        function_key = f"{function.region}|{function.name}"
        seed = f"{self._scheduler.seed}|{function_key}|{self._scheduler.next_number(function_key)}"
        self._start_environment(function)
        run_handler(function, event, self._runtime, seed, record)
        self._release_environment(function, record)
        return record

    def _start_environment(self, function: LambdaFunction) -> None:
        if self.environments is not None:
            seconds = self.environments.take(
                function.region, function.name, function.cold_start_seconds, self._scheduler.now()
            )
            if seconds > 0:
                self._scheduler.sleep(seconds)

    def _release_environment(self, function: LambdaFunction, record: InvocationRecord) -> None:
        if self.environments is not None and not record.has_ended_process:
            record.left_environment = True
            self.environments.release(function.region, function.name, self._scheduler.now())
