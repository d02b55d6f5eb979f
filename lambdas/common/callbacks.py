"""Step Functions, as far as a run's questions and lock need it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from common.arns import Arn
from common.aws import client, naming_errors
from common.errors import AnswerLost, NotFound, Refused, ServiceUnavailable
from common.table import Table
from control.journal import Event, read
from control.lock_items import Holder
from control.questions import Decision

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


def deliver(states: SFNClient, token: str, decision: Decision) -> None:
    """Hand a decision to the state that waits for it. Raises Refused when it no longer waits."""
    with naming_errors("states:SendTaskSuccess"):
        states.send_task_success(taskToken=token, output=json.dumps(decision.model_dump()))


def still_running(region: str, table: Table, held: Holder) -> bool | None:
    """Whether a run still acts: it has not ended by its own word, and Step Functions says that it runs. None where the
    run belongs to another Region than `region`, and that does not answer.

    A run of which no execution is known, or whose execution Step Functions has forgotten (after 90 days), does not.
    """
    execution = held.execution
    for entry in read(table, held.run):
        if entry.event is Event.RUN_ENDED:
            return False
        if entry.event is Event.RUN_BEGAN:
            execution = str(entry.facts["execution"])
    if execution is None:
        return False
    lives_in = Arn.parse(execution).region
    # Elsewhere the call is sent once: a Region that is dark swallows it, and nothing depends on the answer.
    states: SFNClient = client("stepfunctions", lives_in, repeatable=lives_in == region)
    try:
        with naming_errors("states:DescribeExecution"):
            status = states.describe_execution(executionArn=execution)["status"]
    except (ServiceUnavailable, AnswerLost):
        if lives_in == region:
            raise
        return None
    except (NotFound, Refused) as error:
        if "ExecutionDoesNotExist" in str(error):
            return False
        raise
    return status in ("RUNNING", "PENDING_REDRIVE")
