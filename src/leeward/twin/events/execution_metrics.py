"""The metrics that AWS itself counts: failed executions, function errors, and messages in a queue.

Sources: Step Functions developer guide, "Monitoring with CloudWatch" (ExecutionsFailed, ExecutionsTimedOut,
ExecutionsAborted by StateMachineArn); Lambda, "Types of metrics" (Errors by FunctionName); SQS, "Available CloudWatch
metrics" (ApproximateNumberOfMessagesVisible by QueueName).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
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
    """Counts executions as they happen. `publish` is called before each evaluation of the alarms."""

    def __init__(self, engine: Engine, queues: Iterable[TemplateResource]) -> None:
        self._engine = engine
        self._queues = [(queue.region, queue.name) for queue in queues]
        self._executions: list[tuple[MetricId, Any]] = []
        self._invocations = 0
        self._queues_published_at: datetime | None = None
        engine.add_event_listener(self._count_execution_event)

    def publish(self, metrics: MetricStore) -> None:
        """Publish all new data points."""
        for metric, at in self._executions:
            metrics.put_datapoint(metric, at, 1)
        self._executions.clear()
        invocations = self._engine.functions.invocations
        while self._invocations < len(invocations) and invocations[self._invocations].ended_at is not None:
            invocation = invocations[self._invocations]
            dimensions = {"FunctionName": invocation.function}
            at = invocation.ended_at or invocation.began_at
            metrics.put_datapoint(
                MetricId.from_dimensions(invocation.region, "AWS/Lambda", "Errors", dimensions),
                at,
                float(invocation.has_failed),
            )
            self._invocations += 1
        self._publish_queue_lengths(metrics)

    def _publish_queue_lengths(self, metrics: MetricStore) -> None:
        """Publish the length of each queue, once a minute as SQS does."""
        now = self._engine.clock.now()
        minute = now.replace(second=0, microsecond=0)
        if minute == self._queues_published_at:
            return
        self._queues_published_at = minute
        for region, name in self._queues:
            waiting = self._queue_length(region, name)
            metric = MetricId.from_dimensions(
                region, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name}
            )
            metrics.put_datapoint(metric, now, waiting)

    def _count_execution_event(self, execution: str, event: Mapping[str, Any]) -> None:
        metric_name = _EXECUTION_METRICS.get(str(event["type"]))
        if metric_name is not None:
            arn = Arn.parse(execution)
            machine = f"arn:aws:states:{arn.region}:{arn.account}:stateMachine:{execution.split(':')[6]}"
            metric = MetricId.from_dimensions(arn.region, "AWS/States", metric_name, {"StateMachineArn": machine})
            self._executions.append((metric, self._engine.clock.now()))

    def _queue_length(self, region: str, name: str) -> float:
        from moto.sqs.models import sqs_backends  # noqa: PLC0415 - only where templates have queues

        return float(len(sqs_backends[self._engine.account][region].queues[name].messages))
