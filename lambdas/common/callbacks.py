"""Step Functions, as far as a run's questions and lock need it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from common.aws import naming_errors
from common.errors import NotFound, Refused
from common.table import Table
from control.journal import Event, read
from control.questions import Decision

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


def deliver(client: SFNClient, token: str, decision: Decision) -> None:
    """Hand a decision to the state that waits for it. Raises Refused when it no longer waits."""
    with naming_errors("states:SendTaskSuccess"):
        client.send_task_success(taskToken=token, output=json.dumps(decision.model_dump()))


def still_running(client: SFNClient, table: Table, run_id: str) -> bool:
    """Whether a run still acts: it has not ended by its own word, and Step Functions says that it runs.

    A run that the journal does not know, or whose execution Step Functions has forgotten (after 90 days), does not.
    """
    execution: str | None = None
    for entry in read(table, run_id):
        if entry.event is Event.RUN_ENDED:
            return False
        if entry.event is Event.RUN_BEGAN:
            execution = str(entry.facts["execution"])
    if execution is None:
        return False
    try:
        with naming_errors("states:DescribeExecution"):
            status = client.describe_execution(executionArn=execution)["status"]
    except (NotFound, Refused) as error:
        if "ExecutionDoesNotExist" in str(error):
            return False
        raise
    return status in ("RUNNING", "PENDING_REDRIVE")
