"""Step Functions, as far as a run's questions and lock need it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from leeward.common.arns import Arn
from leeward.common.aws import client, naming_errors
from leeward.common.errors import AnswerLost, NotFound, Refused, ServiceUnavailable
from leeward.common.table import Table
from leeward.control.ends import end_of
from leeward.control.journal import Event, read
from leeward.control.lock_items import Holder
from leeward.control.questions import Decision

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


# Step Functions' limit.
_LONGEST_ERROR = 256


def deliver(states: SFNClient, token: str, decision: Decision) -> None:
    """Hand a decision to the state that waits for it. Raises Refused when it no longer waits."""
    with naming_errors("states:SendTaskSuccess"):
        states.send_task_success(taskToken=token, output=json.dumps(decision.model_dump()))


def hand_over(states: SFNClient, token: str, output: Mapping[str, int]) -> None:
    """Let the task that waits end well. It may have been told before."""
    with _told_before(), naming_errors("states:SendTaskSuccess"):
        states.send_task_success(taskToken=token, output=json.dumps(output))


def fail(states: SFNClient, token: str, error: str, cause: str) -> None:
    """Fail the task that waits, and with it an execution that catches nothing. It may have been told before."""
    with _told_before(), naming_errors("states:SendTaskFailure"):
        states.send_task_failure(taskToken=token, error=error[:_LONGEST_ERROR], cause=cause)


def redrives(states: SFNClient, execution: str) -> int:
    """How often the execution was redriven."""
    with naming_errors("states:DescribeExecution"):
        return states.describe_execution(executionArn=execution).get("redriveCount", 0)


@contextmanager
def _told_before() -> Iterator[None]:
    """A call whose answer was lost was carried out perhaps; sent again it is refused, for the task waits no more."""
    try:
        yield
    except Refused as error:
        if not any(code in str(error) for code in ("TaskTimedOut", "TaskDoesNotExist")):
            raise


def still_running(region: str, table: Table, held: Holder) -> bool | None:
    """Whether a run still acts: it has not ended by its own word, and Step Functions says that it runs. None where the
    run belongs to another Region than `region`, and that does not answer.

    A run of which no execution is known, or whose execution Step Functions has forgotten (after 90 days), does not.
    """
    execution = held.execution
    entries = read(table, held.run)
    if end_of(entries) is not None:
        return False
    for entry in entries:
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
