"""Step Functions, as far as a run's questions and lock need it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from leeward.base.arns import Arn
from leeward.common.aws.clients import client, translate_errors
from leeward.common.aws.state_table import StateTable
from leeward.common.errors import AnswerLost, NotFound, Refused, ServiceUnavailable
from leeward.control.approvals.questions import OperatorDecision
from leeward.control.journal.run_journal import JournalEvent, read_entries
from leeward.control.locking.lock_records import LockHolder
from leeward.control.outcome.run_end_state import end_entry

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


# Step Functions' limit.
_MAX_ERROR_LENGTH = 256


def deliver_decision(states: SFNClient, token: str, decision: OperatorDecision) -> None:
    """Hand a decision to the state that waits for it. Raises Refused when it no longer waits."""
    with translate_errors("states:SendTaskSuccess"):
        states.send_task_success(taskToken=token, output=json.dumps(decision.model_dump()))


def complete_task(states: SFNClient, token: str, output: Mapping[str, int]) -> None:
    """Let the task that waits end well. It may have been told before."""
    with _ignore_repeated_callback(), translate_errors("states:SendTaskSuccess"):
        states.send_task_success(taskToken=token, output=json.dumps(output))


def fail_task(states: SFNClient, token: str, error: str, cause: str) -> None:
    """Fail the task that waits, and with it an execution that catches nothing. It may have been told before."""
    with _ignore_repeated_callback(), translate_errors("states:SendTaskFailure"):
        states.send_task_failure(taskToken=token, error=error[:_MAX_ERROR_LENGTH], cause=cause)


def count_redrives(states: SFNClient, execution: str) -> int:
    """How often the execution was redriven."""
    with translate_errors("states:DescribeExecution"):
        return states.describe_execution(executionArn=execution).get("redriveCount", 0)


@contextmanager
def _ignore_repeated_callback() -> Iterator[None]:
    """A call whose answer was lost was carried out perhaps; sent again it is refused, for the task waits no more."""
    try:
        yield
    except Refused as error:
        if not any(code in str(error) for code in ("TaskTimedOut", "TaskDoesNotExist")):
            raise


def is_run_active(region: str, table: StateTable, holder: LockHolder) -> bool | None:
    """Whether a run still acts: it has not ended by its own word, and Step Functions says that it runs. None where the
    run belongs to another Region than `region`, and that does not answer.

    A run of which no execution is known, or whose execution Step Functions has forgotten (after 90 days), does not.
    """
    execution = holder.execution
    entries = read_entries(table, holder.run)
    if end_entry(entries) is not None:
        return False
    for entry in entries:
        if entry.event is JournalEvent.RUN_BEGAN:
            execution = str(entry.facts["execution"])
    if execution is None:
        return False
    lives_in = Arn.parse(execution).region
    # Elsewhere the call is sent once: a Region that is dark swallows it, and nothing depends on the answer.
    states: SFNClient = client("stepfunctions", lives_in, allow_retries=lives_in == region)
    try:
        with translate_errors("states:DescribeExecution"):
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
