"""The Lambda functions of the simulated account, per Region."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from leeward.twin.engine.invocation import Function, Handler, Invocation, Runtime, invoke
from leeward.twin.engine.primitives import Event

# Lambda calls a failed asynchronous invocation twice more, after one and after two minutes (AWS Lambda Developer
# Guide, "How Lambda handles errors and retries with asynchronous invocation").
ASYNC_RETRIES_AFTER_SECONDS = (60, 120)


class Mishap(StrEnum):
    """What may befall an invocation as a whole."""

    TWICE = "run twice"
    """It runs to its end, and then once more with the same event; the second answer is the one that is heard."""
    OVERRUNS = "timed out"
    """All that it does is done, and its answer never comes: its time is over."""


# Asked for each invocation: what befalls it, if anything.
Plan = Callable[[Function], Mishap | None]


class Functions:
    """What can be invoked, and what was."""

    def __init__(self, account: str, runtime: Runtime) -> None:
        self._account = account
        self._runtime, self._baton = runtime, runtime.baton
        self._functions: dict[tuple[str, str], Function] = {}
        self.invocations: list[Invocation] = []
        self.plan: Plan | None = None
        self._reserved: dict[tuple[str, str], int] = {}

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
    ) -> Function:
        """Deploy `handler` (called with event and context) as `name` in `region`, replacing what was there."""
        function = Function(
            region, self._account, name, handler, timeout_seconds, latency_seconds, memory_mb, dict(environment or {}),
            role,
        )  # fmt: skip
        self._functions[region, name] = function
        return function

    def in_region(self, region: str) -> list[Function]:
        """Those of one Region, by name."""
        return [self._functions[key] for key in sorted(self._functions) if key[0] == region]

    def remove(self, region: str, name: str) -> None:
        """Delete the function. Raises KeyError where there is none."""
        del self._functions[region, name]

    def find(self, reference: str, region: str) -> Function:
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

    def reserve(self, function: Function, concurrency: int | None) -> None:
        """Its reserved concurrency; 0 stops it, None takes the reservation away."""
        if concurrency is None:
            self._reserved.pop((function.region, function.name), None)
        else:
            self._reserved[function.region, function.name] = concurrency

    def reserved(self, function: Function) -> int | None:
        """Its reserved concurrency, None where there is none."""
        return self._reserved.get((function.region, function.name))

    def admit(self, function: Function) -> None:
        """Raises Lambda's TooManyRequestsException for a function that is stopped by a reservation of 0."""
        if self.reserved(function) == 0:
            raise ClientError(
                {
                    "Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."},
                    "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": "twin"},  # type: ignore[typeddict-item]
                },
                "Invoke",
            )

    def invoke(self, function: Function, payload: str | bytes | None) -> Invocation:
        """Run the handler in the calling task. Never raises for what the handler raises."""
        return self._run(function, payload)

    def invoke_apart(self, function: Function, payload: str | bytes | None) -> Invocation:
        """Run the handler in a task of its own and wait for it: one handler invokes another, and each has its own
        time and its own surroundings."""
        ended = Event()
        answers: list[Invocation] = []

        def body() -> None:
            try:
                answers.append(self._run(function, payload))
            finally:
                ended.set()

        self._baton.spawn(body, function.name)
        ended.wait()
        return answers[0]

    def invoke_later(self, function: Function, payload: str | bytes | None) -> None:
        """Invocation type `Event`: returns at once; a failure is tried again as Lambda does."""

        def body() -> None:
            for pause in (*ASYNC_RETRIES_AFTER_SECONDS, None):
                if not self._run(function, payload).failed or pause is None:
                    return
                self._baton.sleep(pause)

        self._baton.spawn(body, f"{function.name} (asynchronous)")

    def _run(self, function: Function, payload: str | bytes | None) -> Invocation:
        mishap = self.plan(function) if self.plan is not None else None
        if mishap is Mishap.OVERRUNS:
            function = replace(function, handler=self._overrunning(function))
        record = self._run_once(function, payload)
        return self._run_once(function, payload) if mishap is Mishap.TWICE else record

    def _overrunning(self, function: Function) -> Handler:
        def handler(event: Any, context: Any) -> Any:
            answer = function.handler(event, context)
            self._baton.sleep(function.timeout_seconds)
            return answer

        return handler

    def _run_once(self, function: Function, payload: str | bytes | None) -> Invocation:
        event: Any = json.loads(payload) if payload else {}
        record = Invocation(function.name, function.region, "", self._baton.now())
        self.invocations.append(record)
        which = f"{function.region}|{function.name}"
        seed = f"{self._baton.seed}|{which}|{self._baton.count(which)}"
        invoke(function, event, self._runtime, seed, record)
        return record
