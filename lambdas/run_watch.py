"""Looks every five minutes how long each run that runs has been silent, so that one that is stuck raises an alarm.

A run that works writes into its journal at every look. One that has written nothing for long is stuck, or waits for a
person who may not know that it does: somebody should see either.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from leeward.common.aws.clients import translate_errors
from leeward.control.journal.run_journal import read_entries
from leeward.lambdas.runtime.invocation.events import DetailResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry import cloudwatch_metrics


class RunWatchEvent(BaseModel):
    """`machines`: runbook to the ARN of its state machine, of those that enter this Region."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    application: str
    machines: Mapping[str, str]


@task(RunWatchEvent)
def handler(event: RunWatchEvent, context: TaskContext) -> DetailResult:
    """Put `RunSilentSeconds`: of the run that has been silent longest, 0 where none runs."""
    silent: dict[str, float] = {}
    for runbook, machine in event.machines.items():
        for name, started in _list_running(machine, context):
            run = f"{event.application}.{runbook}.{name}"
            entries = read_entries(context.table, run)
            silent[run] = (context.now - max([started, *(entry.at for entry in entries)])).total_seconds()
    dimensions = (("Application", event.application),)
    cloudwatch_metrics.put_metric(context.region, "RunSilentSeconds", {dimensions: max([0.0, *silent.values()])})
    told = (f"{run}: {seconds:.0f} s" for run, seconds in silent.items())
    return DetailResult(detail=f"silent for: {', '.join(told)}" if silent else "no run")


def _list_running(machine: str, context: TaskContext) -> list[tuple[str, datetime]]:
    with translate_errors("states:ListExecutions"):
        pages = context.step_functions.get_paginator("list_executions").paginate(
            stateMachineArn=machine, statusFilter="RUNNING"
        )
        return [(found["name"], found["startDate"]) for page in pages for found in page["executions"]]
