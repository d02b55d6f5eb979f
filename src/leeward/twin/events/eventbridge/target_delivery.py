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

from leeward.twin.engine import Engine, InvocationRecord
from leeward.twin.errors import TwinError
from leeward.twin.events.eventbridge.event_documents import EventBridgeEvent

# EventBridge tries for 24 hours and 185 times, with exponential backoff and jitter; the twin's backoff has no jitter.
_MAX_RETRIES, _MAX_AGE = 185, timedelta(hours=24)
_FIRST_SECONDS, _LONGEST_SECONDS = 1, 600
_LAMBDA_RETRY_SECONDS = (60, 120)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A RetryPolicy: how many more times, and how old the event may become."""

    max_retries: int = _MAX_RETRIES
    max_age: timedelta = _MAX_AGE

    @classmethod
    def from_properties(cls, policy: Mapping[str, Any] | None) -> RetryPolicy:
        given = policy or {}
        seconds = int(given.get("MaximumEventAgeInSeconds", _MAX_AGE.total_seconds()))
        return cls(int(given.get("MaximumRetryAttempts", _MAX_RETRIES)), timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """One event for one target. `queue`: the ARN of the dead-letter queue, if the target has one."""

    target: str
    payload: str
    source: str
    retry_policy: RetryPolicy
    dead_letter_queue: str | None


@dataclass(frozen=True, slots=True)
class FunctionRetryConfig:
    """How Lambda treats a function's asynchronous events (EventInvokeConfig, DeadLetterConfig)."""

    max_retries: int = 2
    max_age: timedelta = timedelta(hours=6)
    dead_letter_queue: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """What became of one parcel."""

    at: datetime
    source: str
    target: str
    payload: str
    outcome: str


class TargetDelivery:
    """Carries parcels, each in a task of its own."""

    def __init__(self, engine: Engine, retries: Mapping[tuple[str, str], FunctionRetryConfig]) -> None:
        """`retries` by Region and name of the function."""
        self._engine, self._retries = engine, retries
        self.records: list[DeliveryRecord] = []
        self.unreachable_targets: set[str] = set()
        """Targets (ARNs) that cannot be invoked now: what a removed permission or a throttle would do."""
        self.forward_event: Callable[[str, EventBridgeEvent], object] | None = None
        """Puts an event on a Region's bus, for rules whose target is the bus of another Region."""

    def send(self, pending: PendingDelivery) -> None:
        """Returns at once. In a Region that is dark, nothing is sent."""
        if self._engine.interceptor.has_outage(pending.target.split(":")[3]):
            self._record_outcome(pending, "not sent: the Region is dark")
            return
        self._engine.clock.call_later(
            0, lambda: self._deliver_with_retries(pending), name=f"{pending.source} to {pending.target}"
        )

    def _deliver_with_retries(self, pending: PendingDelivery) -> None:
        began, pause = self._engine.clock.now(), float(_FIRST_SECONDS)
        for attempt in range(pending.retry_policy.max_retries + 1):
            if attempt:
                self._engine.clock.sleep(pause)
                pause = min(pause * 2, _LONGEST_SECONDS)
            if self._engine.clock.now() - began > pending.retry_policy.max_age:
                break
            if pending.target not in self.unreachable_targets:
                self._deliver(pending)
                return
        self._send_to_dead_letter_queue(pending, pending.dead_letter_queue, "could not be handed over")

    def _deliver(self, pending: PendingDelivery) -> None:
        service = pending.target.split(":")[2]
        if service == "lambda":
            self._invoke_function(pending)
        elif service == "sns":
            region = pending.target.split(":")[3]
            self._engine.client("sns", region).publish(TopicArn=pending.target, Message=pending.payload)
            self._record_outcome(pending, "delivered")
        elif service == "states":
            region = pending.target.split(":")[3]
            client = self._engine.client("stepfunctions", region)
            client.start_execution(stateMachineArn=pending.target, input=pending.payload)
            self._record_outcome(pending, "delivered")
        elif pending.target.split(":")[5].startswith("api-destination/"):
            self._record_outcome(pending, "delivered")  # what lies outside of AWS is not simulated
        elif service == "events" and self.forward_event is not None:
            # The event stays as it was, its own Region included (EventBridge user guide, "Cross-Region").
            self.forward_event(pending.target.split(":")[3], json.loads(pending.payload))
            self._record_outcome(pending, "delivered")
        else:
            raise TwinError(f"{pending.source}: the twin delivers no events to {pending.target}")

    def _invoke_function(self, pending: PendingDelivery) -> None:
        engine = self._engine
        try:
            function = engine.functions.find(pending.target, pending.target.split(":")[3])
        except ClientError:
            self._send_to_dead_letter_queue(pending, pending.dead_letter_queue, "there is no such function")
            return
        given = self._retries.get((function.region, function.name), FunctionRetryConfig())
        began, made = engine.clock.now(), InvocationRecord("", "", "", engine.clock.now())
        for pause in [*_LAMBDA_RETRY_SECONDS[: given.max_retries], None]:
            made = engine.functions.invoke(function, pending.payload)
            if not made.has_failed:
                self._record_outcome(pending, "delivered")
                return
            if pause is not None and engine.clock.now() + timedelta(seconds=pause) - began <= given.max_age:
                engine.clock.sleep(pause)
        self._send_to_dead_letter_queue(pending, given.dead_letter_queue, f"{made.error_type}: {made.error_message}")

    def _send_to_dead_letter_queue(self, pending: PendingDelivery, queue: str | None, reason: str) -> None:
        if queue is None:
            self._record_outcome(pending, f"lost: {reason}")
            return
        _, _, _, region, account, name = queue.split(":")
        body = {"source": pending.source, "target": pending.target, "error": reason, "payload": pending.payload}
        url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
        self._engine.client("sqs", region).send_message(QueueUrl=url, MessageBody=json.dumps(body))
        self._record_outcome(pending, f"dead letter in {name}: {reason}")

    def _record_outcome(self, pending: PendingDelivery, outcome: str) -> None:
        now = self._engine.clock.now()
        self.records.append(DeliveryRecord(now, pending.source, pending.target, pending.payload, outcome))
