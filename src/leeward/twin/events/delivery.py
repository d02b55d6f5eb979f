"""A target invoked for an event: tried again while it cannot be reached, then given up to its dead-letter queue.

EventBridge and Scheduler hand an event to Lambda's asynchronous queue; from there on Lambda tries again by itself, and
gives up to the function's own dead-letter queue or failure destination. So an event that is lost has one of two queues
to be in. Sources: EventBridge user guide, "Event retry policy and using dead-letter queues"; Lambda developer guide,
"Invoking a function asynchronously" (two more tries, after one and two minutes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from leeward.twin.engine import Engine, Invocation
from leeward.twin.errors import TwinError
from leeward.twin.events.shapes import Event

# EventBridge tries for 24 hours and 185 times, with exponential backoff and jitter; the twin's backoff has no jitter.
_ATTEMPTS, _AGE = 185, timedelta(hours=24)
_FIRST_SECONDS, _LONGEST_SECONDS = 1, 600
_LAMBDA_PAUSES = (60, 120)


@dataclass(frozen=True, slots=True)
class Attempts:
    """A RetryPolicy: how many more times, and how old the event may become."""

    more: int = _ATTEMPTS
    age: timedelta = _AGE

    @classmethod
    def of(cls, policy: Mapping[str, Any] | None) -> Attempts:
        given = policy or {}
        seconds = int(given.get("MaximumEventAgeInSeconds", _AGE.total_seconds()))
        return cls(int(given.get("MaximumRetryAttempts", _ATTEMPTS)), timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event for one target. `queue`: the ARN of the dead-letter queue, if the target has one."""

    target: str
    payload: str
    source: str
    attempts: Attempts
    queue: str | None


@dataclass(frozen=True, slots=True)
class FunctionRetries:
    """How Lambda treats a function's asynchronous events (EventInvokeConfig, DeadLetterConfig)."""

    more: int = 2
    age: timedelta = timedelta(hours=6)
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one parcel."""

    at: datetime
    source: str
    target: str
    payload: str
    outcome: str


class Delivery:
    """Carries parcels, each in a task of its own."""

    def __init__(self, engine: Engine, retries: Mapping[tuple[str, str], FunctionRetries]) -> None:
        """`retries` by Region and name of the function."""
        self._engine, self._retries = engine, retries
        self.delivered: list[Delivered] = []
        self.unreachable: set[str] = set()
        """Targets (ARNs) that cannot be invoked now: what a removed permission or a throttle would do."""
        self.forward: Callable[[str, Event], object] | None = None
        """Puts an event on a Region's bus, for rules whose target is the bus of another Region."""

    def send(self, parcel: Parcel) -> None:
        """Returns at once. In a Region that is dark, nothing is sent."""
        if self._engine.wire.is_dark(parcel.target.split(":")[3]):
            self._note(parcel, "not sent: the Region is dark")
            return
        self._engine.clock.later(0, lambda: self._carry(parcel), name=f"{parcel.source} to {parcel.target}")

    def _carry(self, parcel: Parcel) -> None:
        began, pause = self._engine.clock.now(), float(_FIRST_SECONDS)
        for attempt in range(parcel.attempts.more + 1):
            if attempt:
                self._engine.clock.sleep(pause)
                pause = min(pause * 2, _LONGEST_SECONDS)
            if self._engine.clock.now() - began > parcel.attempts.age:
                break
            if parcel.target not in self.unreachable:
                self._hand_over(parcel)
                return
        self._bury(parcel, parcel.queue, "could not be handed over")

    def _hand_over(self, parcel: Parcel) -> None:
        service = parcel.target.split(":")[2]
        if service == "lambda":
            self._invoke(parcel)
        elif service == "sns":
            region = parcel.target.split(":")[3]
            self._engine.client("sns", region).publish(TopicArn=parcel.target, Message=parcel.payload)
            self._note(parcel, "delivered")
        elif service == "states":
            region = parcel.target.split(":")[3]
            client = self._engine.client("stepfunctions", region)
            client.start_execution(stateMachineArn=parcel.target, input=parcel.payload)
            self._note(parcel, "delivered")
        elif parcel.target.split(":")[5].startswith("api-destination/"):
            self._note(parcel, "delivered")  # what lies outside of AWS is not simulated
        elif service == "events" and self.forward is not None:
            # The event stays as it was, its own Region included (EventBridge user guide, "Cross-Region").
            self.forward(parcel.target.split(":")[3], json.loads(parcel.payload))
            self._note(parcel, "delivered")
        else:
            raise TwinError(f"{parcel.source}: the twin delivers no events to {parcel.target}")

    def _invoke(self, parcel: Parcel) -> None:
        engine = self._engine
        try:
            function = engine.functions.find(parcel.target, parcel.target.split(":")[3])
        except ClientError:
            self._bury(parcel, parcel.queue, "there is no such function")
            return
        given = self._retries.get((function.region, function.name), FunctionRetries())
        began, made = engine.clock.now(), Invocation("", "", "", engine.clock.now())
        for pause in [*_LAMBDA_PAUSES[: given.more], None]:
            made = engine.functions.invoke(function, parcel.payload)
            if not made.failed:
                self._note(parcel, "delivered")
                return
            if pause is not None and engine.clock.now() + timedelta(seconds=pause) - began <= given.age:
                engine.clock.sleep(pause)
        self._bury(parcel, given.queue, f"{made.error_type}: {made.error_message}")

    def _bury(self, parcel: Parcel, queue: str | None, why: str) -> None:
        if queue is None:
            self._note(parcel, f"lost: {why}")
            return
        _, _, _, region, account, name = queue.split(":")
        body = {"source": parcel.source, "target": parcel.target, "error": why, "payload": parcel.payload}
        url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
        self._engine.client("sqs", region).send_message(QueueUrl=url, MessageBody=json.dumps(body))
        self._note(parcel, f"dead letter in {name}: {why}")

    def _note(self, parcel: Parcel, outcome: str) -> None:
        now = self._engine.clock.now()
        self.delivered.append(Delivered(now, parcel.source, parcel.target, parcel.payload, outcome))
