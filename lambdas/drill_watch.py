"""Lambda task that measures every hour whether a scheduled drill is overdue.

The metric detects a missed drill whatever the cause: a disabled schedule, for example, sends no error.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, PositiveInt

from leeward.common.aws.clients import translate_errors
from leeward.control.triggers import trigger_decision
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import DetailResult
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry import cloudwatch_metrics


class DrillWatchEvent(BaseModel):
    """The drill, and how often it must succeed."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    application: str
    runbook: str
    machine: str
    at_least_every_seconds: PositiveInt
    blackouts: tuple[trigger_decision.BlackoutWindow, ...] = ()


@task(DrillWatchEvent)
def handler(event: DrillWatchEvent, context: TaskContext) -> DetailResult:
    """Put the metric `DrillOverdue`, 1 or 0. A drill that has never succeeded is overdue."""
    last = _last_success(event.machine, context)
    interval = timedelta(seconds=event.at_least_every_seconds)
    overdue = trigger_decision.is_drill_overdue(last, interval, event.blackouts, context.now)
    dimensions = ("Application", event.application), ("Runbook", event.runbook)
    cloudwatch_metrics.put_metric(context.region, "DrillOverdue", {dimensions: float(overdue)})
    return DetailResult(
        detail=f"last success: {last.isoformat() if last else 'never'}; {'overdue' if overdue else 'in time'}"
    )


def _last_success(machine: str, context: TaskContext) -> datetime | None:
    """Return the end time of the last successful execution, or None.

    ListExecutions lists the newest execution first (Step Functions API reference).
    """
    with translate_errors("states:ListExecutions"):
        answer = context.step_functions.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED", maxResults=1)
    return next((execution["stopDate"] for execution in answer["executions"] if "stopDate" in execution), None)
