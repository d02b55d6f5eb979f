"""Delivers events to targets, retries while a target cannot be reached, and then sends them to a dead-letter queue.

EventBridge and Scheduler pass an event to Lambda's asynchronous queue. From there, Lambda itself retries, and sends the
event to the function's own dead-letter queue or failure destination. A lost event is therefore in one of two queues.
Sources: EventBridge user guide, "Event retry policy and using dead-letter queues"; Lambda developer guide, "Invoking a
function asynchronously" (two retries, after one and two minutes).

An outage of the target's service delays the event like an unreachable target. If the target's service denies the
delivery, the event goes to the dead-letter queue at once, because EventBridge doesn't retry missing permissions.
An outage of EventBridge or Scheduler itself fails API calls to it, and stops no delivery.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from leeward.twin.engine import Engine, FaultKind, InvocationRecord
from leeward.twin.errors import TwinError
from leeward.twin.events.delays.trigger_delays import TriggerDelays
from leeward.twin.events.eventbridge.event_documents import EventBridgeEvent
from leeward.twin.interception.calls.operation_names import resolve_service

# EventBridge retries for 24 hours and 185 times, with exponential backoff and jitter. The twin's backoff has no jitter.
_MAX_RETRIES, _MAX_AGE = 185, timedelta(hours=24)
_FIRST_SECONDS, _LONGEST_SECONDS = 1, 600
_LAMBDA_RETRY_SECONDS = (60, 120)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A RetryPolicy: the maximum number of retries, and the maximum age of the event."""

    max_retries: int = _MAX_RETRIES
    max_age: timedelta = _MAX_AGE

    @classmethod
    def from_properties(cls, policy: Mapping[str, Any] | None) -> RetryPolicy:
        properties = policy or {}
        seconds = int(properties.get("MaximumEventAgeInSeconds", _MAX_AGE.total_seconds()))
        return cls(int(properties.get("MaximumRetryAttempts", _MAX_RETRIES)), timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """One event for one target. `dead_letter_queue` is the ARN of the target's dead-letter queue, if it has one."""

    target: str
    payload: str
    source: str
    retry_policy: RetryPolicy
    dead_letter_queue: str | None


@dataclass(frozen=True, slots=True)
class FunctionRetryConfig:
    """How Lambda retries a function's asynchronous events (EventInvokeConfig, DeadLetterConfig)."""

    max_retries: int = 2
    max_age: timedelta = timedelta(hours=6)
    dead_letter_queue: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """The outcome of one delivery."""

    at: datetime
    source: str
    target: str
    payload: str
    outcome: str


class TargetDelivery:
    """Delivers events, each in its own task."""

    def __init__(
        self, engine: Engine, retries: Mapping[tuple[str, str], FunctionRetryConfig], delays: TriggerDelays
    ) -> None:
        """`retries` contains the retry configuration of functions, by Region and function name."""
        self._engine, self._retries, self._delays = engine, retries, delays
        self.records: list[DeliveryRecord] = []
        self.unreachable_targets: set[str] = set()
        """ARNs of targets that cannot be invoked now, as after a removed permission or a throttle."""
        self.forward_event: Callable[[str, EventBridgeEvent], object] | None = None
        """Puts an event on a Region's bus, for rules whose target is the bus of another Region."""

    def send(self, pending: PendingDelivery) -> None:
        """Start the delivery and return at once. Nothing is sent to a Region with an outage."""
        if self._engine.interceptor.has_outage(pending.target.split(":")[3]):
            self._record_outcome(pending, "not sent: the Region has an outage")
            return
        self._engine.clock.call_later(
            self._delays.delivery(pending.target),
            lambda: self._deliver_with_retries(pending),
            name=f"{pending.source} to {pending.target}",
        )

    def _deliver_with_retries(self, pending: PendingDelivery) -> None:
        began, delay = self._engine.clock.now(), float(_FIRST_SECONDS)
        for attempt in range(pending.retry_policy.max_retries + 1):
            if attempt:
                self._engine.clock.sleep(delay)
                delay = min(delay * 2, _LONGEST_SECONDS)
            if self._engine.clock.now() - began > pending.retry_policy.max_age:
                break
            fault = self._find_service_fault(pending.target)
            if fault is FaultKind.ACCESS_DENIED:
                break
            if fault is None and pending.target not in self.unreachable_targets:
                self._deliver(pending)
                return
        self._send_to_dead_letter_queue(pending, pending.dead_letter_queue, "could not be delivered")

    def _find_service_fault(self, target: str) -> FaultKind | None:
        _, _, service, region, *_ = target.split(":")
        return self._engine.interceptor.find_service_fault(resolve_service(service), region)

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
            self._record_outcome(pending, "delivered")  # targets outside AWS are not simulated
        elif service == "events" and self.forward_event is not None:
            # The event keeps its content, including its own Region (EventBridge user guide, "Cross-Region").
            self.forward_event(pending.target.split(":")[3], json.loads(pending.payload))
            self._record_outcome(pending, "delivered")
        else:
            raise TwinError(f"{pending.source}: the twin cannot deliver events to {pending.target}")

    def _invoke_function(self, pending: PendingDelivery) -> None:
        engine = self._engine
        try:
            function = engine.functions.find(pending.target, pending.target.split(":")[3])
        except ClientError:
            self._send_to_dead_letter_queue(pending, pending.dead_letter_queue, "there is no such function")
            return
        config = self._retries.get((function.region, function.name), FunctionRetryConfig())
        began, record = engine.clock.now(), InvocationRecord("", "", "", engine.clock.now())
        for delay in [*_LAMBDA_RETRY_SECONDS[: config.max_retries], None]:
            record = engine.functions.invoke(function, pending.payload)
            if not record.has_failed:
                self._record_outcome(pending, "delivered")
                return
            if delay is not None and engine.clock.now() + timedelta(seconds=delay) - began <= config.max_age:
                engine.clock.sleep(delay)
        self._send_to_dead_letter_queue(pending, config.dead_letter_queue, record.failure_text)

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
