"""Logs, metrics, and traces with Powertools for AWS Lambda.

Log keys are kept per thread and metrics per call, so that concurrent invocations in one process, as in the twin, don't
mix. `tracing` has the tracer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from leeward.common.naming.telemetry_names import NAMESPACE, SERVICE
from leeward.control.run.run_reference import RunRef
from leeward.lambdas.runtime.invocation.task_events import StepAttempt
from leeward.lambdas.runtime.telemetry.tracing import create_tracer

logger = Logger(service=SERVICE, utc=True)
tracer = create_tracer()


@contextmanager
def log_context(task: str, request_id: str, run: RunRef | None, step: StepAttempt | None) -> Iterator[None]:
    """Add the task, the run, and the step to every log line in this context."""
    keys = {"task": task, "request_id": request_id}
    if run is not None:
        keys |= {"run": run.id, "application": run.application, "runbook": run.runbook}
    if step is not None:
        keys |= {"step": step.id, "attempt": str(step.attempt)}
    logger.thread_safe_append_keys(**keys)
    try:
        yield
    finally:
        logger.thread_safe_remove_keys(list(keys))


def count_task_call(task: str, outcome: str, seconds: float, run: RunRef | None) -> None:
    """Put the duration and the outcome of one task call: `Done`, `Waiting`, `Retryable`, `Failed`, or `Defect`.

    Log a failure, because it must not replace the task's result.
    """
    try:
        metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
        metrics.add_dimension(name="task", value=task)
        if run is not None:
            metrics.add_dimension(name="application", value=run.application)
        metrics.add_metric(name=f"Task{outcome}", unit=MetricUnit.Count, value=1)
        metrics.add_metric(name="TaskSeconds", unit=MetricUnit.Seconds, value=round(seconds, 3))
        metrics.flush_metrics()
    except Exception as error:  # Powertools validates names and dimensions
        logger.warning(f"the metrics of {task} could not be put: {error}")
