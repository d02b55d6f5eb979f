"""Lambda task that measures every five minutes how long running runs have been silent, for the stuck-run alarm.

An active run polls every few minutes at the latest, even if it finds nothing new to journal. A run whose execution and
journal have been silent for long is stuck, or waits for an operator who may not know. Both need attention. A run that
waits sends nothing itself, so this task sends the messages that the run could not send.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from leeward.common.aws.clients import translate_errors
from leeward.control.journal.run_journal import JournalEvent, read_chain
from leeward.control.notifications.unsent_messages import list_unsent_messages
from leeward.control.run.run_reference import RunRef
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import DetailResult
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry import cloudwatch_metrics
from leeward.lambdas.runtime.telemetry.run_notifications import send_unsent_messages

# GetExecutionHistory returns at most this many events at once (Step Functions API reference).
_LARGEST_PAGE = 1000


class RunWatchEvent(BaseModel):
    """`machines` maps a runbook to its state machine's ARN, for the runbooks whose target is this Region."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    application: str
    machines: Mapping[str, str]


@task(RunWatchEvent)
def handler(event: RunWatchEvent, context: TaskContext) -> DetailResult:
    """Send the runs' unsent messages, until one fails.

    Then put the metric `RunSilentSeconds` of the run that has been silent longest, or 0 if none is running.
    """
    silent: dict[str, float] = {}
    unnotified: list[RunRef] = []
    for runbook, machine in event.machines.items():
        for name, execution in _list_running(machine, context):
            run = f"{event.application}.{runbook}.{name}"
            links = read_chain(context.table, run)
            last_event = _read_last_event(execution, context)
            silent[run] = (context.now - max([last_event, *(link.at for link in links)])).total_seconds()
            if list_unsent_messages(links):
                began = (link for link in links if link.event == JournalEvent.RUN_BEGAN)
                unnotified += [RunRef.model_validate(link.facts["run"]) for link in began]
    for ref in unnotified:
        if send_unsent_messages(context, ref) is not None:
            break
    dimensions = (("Application", event.application),)
    cloudwatch_metrics.put_metric(context.region, "RunSilentSeconds", {dimensions: max([0.0, *silent.values()])})
    descriptions = (f"{run}: {seconds:.0f} s" for run, seconds in silent.items())
    return DetailResult(detail=f"silent for: {', '.join(descriptions)}" if silent else "no run")


def _list_running(machine: str, context: TaskContext) -> list[tuple[str, str]]:
    """Return the names and ARNs of the running executions."""
    with translate_errors("states:ListExecutions"):
        pages = context.step_functions.get_paginator("list_executions").paginate(
            stateMachineArn=machine, statusFilter="RUNNING"
        )
        return [(execution["name"], execution["executionArn"]) for page in pages for execution in page["executions"]]


def _read_last_event(execution: str, context: TaskContext) -> datetime:
    """Return when the execution's last event occurred: it entered a state, or a function returned."""
    with translate_errors("states:GetExecutionHistory"):
        pages = context.step_functions.get_paginator("get_execution_history").paginate(
            executionArn=execution, includeExecutionData=False, PaginationConfig={"PageSize": _LARGEST_PAGE}
        )
        return max(event["timestamp"] for page in pages for event in page["events"])
