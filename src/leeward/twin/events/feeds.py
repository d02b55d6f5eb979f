"""What AWS itself counts and an alarm may stand on: runs that fail, functions that raise, letters in a queue.

Sources: Step Functions developer guide, "Monitoring with CloudWatch" (ExecutionsFailed, ExecutionsTimedOut,
ExecutionsAborted by StateMachineArn); Lambda, "Types of metrics" (Errors by FunctionName); SQS, "Available CloudWatch
metrics" (ApproximateNumberOfMessagesVisible by QueueName).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leeward.common.arns import Arn
from leeward.twin.engine import Engine
from leeward.twin.events.metrics import MetricId, Metrics
from leeward.twin.templates.assembly import Resource

QUEUE = "AWS::SQS::Queue"
_EXECUTIONS = {
    "ExecutionStarted": "ExecutionsStarted",
    "ExecutionSucceeded": "ExecutionsSucceeded",
    "ExecutionFailed": "ExecutionsFailed",
    "ExecutionTimedOut": "ExecutionsTimedOut",
    "ExecutionAborted": "ExecutionsAborted",
}


class Feeds:
    """`feed` is called before each evaluation; executions are counted as they happen."""

    def __init__(self, engine: Engine, queues: Iterable[Resource]) -> None:
        self._engine = engine
        self._queues = [(queue.region, queue.name) for queue in queues]
        self._executions: list[tuple[MetricId, Any]] = []
        self._invocations = 0
        engine.on_event(self._observe)

    def feed(self, metrics: Metrics) -> None:
        """Put everything new."""
        for metric, at in self._executions:
            metrics.put(metric, at, 1)
        self._executions.clear()
        invocations = self._engine.functions.invocations
        while self._invocations < len(invocations) and invocations[self._invocations].ended_at is not None:
            made = invocations[self._invocations]
            named = {"FunctionName": made.function}
            at = made.ended_at or made.began_at
            metrics.put(MetricId.of(made.region, "AWS/Lambda", "Errors", named), at, float(made.failed))
            self._invocations += 1
        now = self._engine.clock.now()
        for region, name in self._queues:
            waiting = self._waiting(region, name)
            metric = MetricId.of(region, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name})
            metrics.put(metric, now, waiting)

    def _observe(self, execution: str, event: Mapping[str, Any]) -> None:
        counted = _EXECUTIONS.get(str(event["type"]))
        if counted is not None:
            arn = Arn.parse(execution)
            machine = f"arn:aws:states:{arn.region}:{arn.account}:stateMachine:{execution.split(':')[6]}"
            metric = MetricId.of(arn.region, "AWS/States", counted, {"StateMachineArn": machine})
            self._executions.append((metric, self._engine.clock.now()))

    def _waiting(self, region: str, name: str) -> float:
        from moto.sqs.models import sqs_backends  # noqa: PLC0415 - only where templates have queues

        return float(len(sqs_backends[self._engine.account][region].queues[name].messages))
