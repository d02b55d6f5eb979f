"""Step Functions calls for task tokens, redrives, and the status of a run's execution."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from leeward.base.arns import Arn
from leeward.common.aws.clients import client, translate_errors
from leeward.common.aws.tables.state_table import StateTable
from leeward.common.errors import AnswerLost, NotFound, Refused, ServiceUnavailable
from leeward.control.approvals.questions import OperatorDecision
from leeward.control.journal.run_journal import JournalEvent, read_entries
from leeward.control.locking.lock_records import LockHolder
from leeward.control.outcome.run_end_state import end_entry

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


# Step Functions limits the `error` of SendTaskFailure to 256 characters.
_MAX_ERROR_LENGTH = 256


def deliver_decision(states: SFNClient, token: str, decision: OperatorDecision) -> None:
    """Send a decision to the waiting state. Raises Refused when the state no longer waits."""
    with translate_errors("states:SendTaskSuccess"):
        states.send_task_success(taskToken=token, output=json.dumps(decision.model_dump()))


def complete_task(states: SFNClient, token: str, output: Mapping[str, int]) -> None:
    """Complete the waiting task. A repeated call is ignored."""
    with _ignore_repeated_callback(), translate_errors("states:SendTaskSuccess"):
        states.send_task_success(taskToken=token, output=json.dumps(output))


def fail_task(states: SFNClient, token: str, error: str, cause: str) -> None:
    """Fail the waiting task, and with it an execution that has no Catch. A repeated call is ignored."""
    with _ignore_repeated_callback(), translate_errors("states:SendTaskFailure"):
        states.send_task_failure(taskToken=token, error=error[:_MAX_ERROR_LENGTH], cause=cause)


def count_redrives(states: SFNClient, execution: str) -> int:
    """Return how often the execution was redriven."""
    with translate_errors("states:DescribeExecution"):
        return states.describe_execution(executionArn=execution).get("redriveCount", 0)


@contextmanager
def _ignore_repeated_callback() -> Iterator[None]:
    """Ignore the error of a repeated callback.

    A call whose response was lost may have succeeded. A repeated call is then refused, as the task no longer waits.
    """
    try:
        yield
    except Refused as error:
        if not any(code in str(error) for code in ("TaskTimedOut", "TaskDoesNotExist")):
            raise


def is_run_active(region: str, table: StateTable, holder: LockHolder) -> bool | None:
    """Return whether the lock holder's run is active: its journal has no end, and its execution is running.

    Return None when the execution is in a Region other than `region` and that Region doesn't respond. Return False for
    a run without a known execution, or whose execution Step Functions has deleted (after 90 days).
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
    execution_region = Arn.parse(execution).region
    # Send the call to another Region only once: the Region may be unavailable, and nothing depends on the answer.
    states: SFNClient = client("stepfunctions", execution_region, allow_retries=execution_region == region)
    try:
        with translate_errors("states:DescribeExecution"):
            status = states.describe_execution(executionArn=execution)["status"]
    except (ServiceUnavailable, AnswerLost):
        if execution_region == region:
            raise
        return None
    except (NotFound, Refused) as error:
        if "ExecutionDoesNotExist" in str(error):
            return False
        raise
    return status in ("RUNNING", "PENDING_REDRIVE")
