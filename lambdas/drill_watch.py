"""Looks every hour when a scheduled drill last succeeded, so that one that is missed raises an alarm.

Whatever the cause: a schedule that was switched off sends no error.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, PositiveInt

from leeward.common.aws import naming_errors
from leeward.control import starting
from leeward.lambdas.common import metrics
from leeward.lambdas.common.events import Detail
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class WatchEvent(BaseModel):
    """Which drill, and how often one must succeed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    application: str
    runbook: str
    machine: str
    at_least_every_seconds: PositiveInt
    blackouts: tuple[starting.Blackout, ...] = ()


@task(WatchEvent)
def handler(event: WatchEvent, bench: Workbench) -> Detail:
    """Put `DrillOverdue`, 1 or 0. A drill that has never succeeded is overdue."""
    last = _last_success(event.machine, bench)
    every = timedelta(seconds=event.at_least_every_seconds)
    overdue = starting.overdue(last, every, event.blackouts, bench.now)
    dimensions = ("Application", event.application), ("Runbook", event.runbook)
    metrics.put(bench.region, "DrillOverdue", {dimensions: float(overdue)})
    return Detail(
        detail=f"last success: {last.isoformat() if last else 'never'}; {'overdue' if overdue else 'in time'}"
    )


def _last_success(machine: str, bench: Workbench) -> datetime | None:
    """ListExecutions lists the newest first (Step Functions API reference)."""
    with naming_errors("states:ListExecutions"):
        answer = bench.states.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED", maxResults=1)
    return next((execution["stopDate"] for execution in answer["executions"] if "stopDate" in execution), None)
