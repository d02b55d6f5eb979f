"""What AWS itself counts and an alarm may stand on: runs that fail, functions that raise, letters in a queue.

Sources: Step Functions developer guide, "Monitoring with CloudWatch" (ExecutionsFailed, ExecutionsTimedOut,
ExecutionsAborted by StateMachineArn); Lambda, "Types of metrics" (Errors by FunctionName); SQS, "Available CloudWatch
metrics" (ApproximateNumberOfMessagesVisible by QueueName).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leeward.base.arns import Arn
from leeward.twin.engine import Engine
from leeward.twin.events.alarms.metric_store import MetricId, MetricStore
from leeward.twin.templates.cloud_assembly import TemplateResource

QUEUE_TYPE = "AWS::SQS::Queue"
_EXECUTION_METRICS = {
    "ExecutionStarted": "ExecutionsStarted",
    "ExecutionSucceeded": "ExecutionsSucceeded",
    "ExecutionFailed": "ExecutionsFailed",
    "ExecutionTimedOut": "ExecutionsTimedOut",
    "ExecutionAborted": "ExecutionsAborted",
}


class ServiceMetrics:
    """`feed` is called before each evaluation; executions are counted as they happen."""

    def __init__(self, engine: Engine, queues: Iterable[TemplateResource]) -> None:
        self._engine = engine
        self._queues = [(queue.region, queue.name) for queue in queues]
        self._executions: list[tuple[MetricId, Any]] = []
        self._invocations = 0
        engine.add_event_listener(self._count_execution_event)

    def publish(self, metrics: MetricStore) -> None:
        """Put everything new."""
        for metric, at in self._executions:
            metrics.put_datapoint(metric, at, 1)
        self._executions.clear()
        invocations = self._engine.functions.invocations
        while self._invocations < len(invocations) and invocations[self._invocations].ended_at is not None:
            made = invocations[self._invocations]
            named = {"FunctionName": made.function}
            at = made.ended_at or made.began_at
            metrics.put_datapoint(
                MetricId.from_dimensions(made.region, "AWS/Lambda", "Errors", named), at, float(made.has_failed)
            )
            self._invocations += 1
        now = self._engine.clock.now()
        for region, name in self._queues:
            waiting = self._queue_length(region, name)
            metric = MetricId.from_dimensions(
                region, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name}
            )
            metrics.put_datapoint(metric, now, waiting)

    def _count_execution_event(self, execution: str, event: Mapping[str, Any]) -> None:
        counted = _EXECUTION_METRICS.get(str(event["type"]))
        if counted is not None:
            arn = Arn.parse(execution)
            machine = f"arn:aws:states:{arn.region}:{arn.account}:stateMachine:{execution.split(':')[6]}"
            metric = MetricId.from_dimensions(arn.region, "AWS/States", counted, {"StateMachineArn": machine})
            self._executions.append((metric, self._engine.clock.now()))

    def _queue_length(self, region: str, name: str) -> float:
        from moto.sqs.models import sqs_backends  # noqa: PLC0415 - only where templates have queues

        return float(len(sqs_backends[self._engine.account][region].queues[name].messages))
