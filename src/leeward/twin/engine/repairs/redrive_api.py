"""RedriveExecution, and what DescribeExecution and ListExecutions say of it.

Members and reasons as botocore's model of Step Functions documents them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions import responses
from moto.stepfunctions.parser.api import ExecutionStatus

from leeward.twin.engine import announcements
from leeward.twin.engine.repairs.replacing import replace
from leeward.twin.engine.repairs.stopping import MOST_EVENTS

REDRIVABLE_FOR, LONGEST_OPEN = timedelta(days=14), timedelta(days=365)
# The answers to the last ten client tokens stay the same for a quarter of an hour.
_TOKENS, _TOKEN_LIFE = 10, timedelta(minutes=15)


class ExecutionNotRedrivable(AWSError):  # type: ignore[misc]  # moto is untyped
    """The execution runs, has succeeded, or ended too long ago."""

    TYPE = code = exception_type = "ExecutionNotRedrivable"
    STATUS = 400


def why_not(execution: Any, now: datetime) -> str | None:
    """Why the execution cannot be redriven now; None when it can."""
    if execution.status in ("RUNNING", "SUCCEEDED"):
        return f"Execution is {execution.status} and cannot be redriven"
    if len(execution.to_history_output()["events"]) >= MOST_EVENTS - 1:
        return "Execution history event limit exceeded"
    if now - execution.start_date > LONGEST_OPEN:
        return "Execution has exceeded the max execution time"
    if execution.stop_date is not None and now - execution.stop_date > REDRIVABLE_FOR:
        return "Execution redrivable period exceeded"
    return None


def redrive_execution() -> None:
    """Raw moto knows no RedriveExecution."""

    def redrive(self: Any) -> Any:
        arn, token = self._get_param("executionArn"), self._get_param("clientToken")
        found, now = self.stepfunction_backend.describe_execution(arn), datetime.now(UTC)
        tokens: dict[str, datetime] = found.__dict__.setdefault("twin_redrive_tokens", {})
        if token in tokens and now - tokens[token] <= _TOKEN_LIFE:
            return responses.ActionResult({"redriveDate": tokens[token]})
        reason = why_not(found, now)
        if reason is not None:
            raise ExecutionNotRedrivable(f"{reason}: '{arn}'")
        _go_on(found, now)
        if token:
            tokens[token] = now
            for oldest in list(tokens)[:-_TOKENS]:
                del tokens[oldest]
        return responses.ActionResult({"redriveDate": now})

    responses.StepFunctionResponse.redrive_execution = redrive


def _go_on(found: Any, now: datetime) -> None:
    ended, redrives = found.exec_worker.env, int(found.__dict__.get("twin_redrives", 0)) + 1
    found.twin_redrives, found.twin_redrive_date = redrives, now
    found.stop_date = found.error = found.cause = found.output = found.exec_worker = None
    announcements.redriven(found.exec_arn)
    worker = found._get_start_execution_worker()
    worker.twin_goes_on, worker.twin_redrives, worker.twin_redriven_at = ended, redrives, now.isoformat()
    worker.env = ended  # until it has begun
    found.exec_worker = worker
    found.exec_status = ExecutionStatus.RUNNING
    worker.start()


def redrives_told() -> None:
    """Raw moto leaves out what an execution says of its redrives; a list of executions leaves out when those that
    TIMED_OUT ended."""

    def describe_execution(self: Any) -> Any:
        answer = describe(self)
        found = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        answer.result.update(_redrives(found))
        reason = why_not(found, datetime.now(UTC))
        answer.result["redriveStatus"] = "NOT_REDRIVABLE" if reason else "REDRIVABLE"
        if reason:
            answer.result["redriveStatusReason"] = reason
        return answer

    def list_executions(self: Any) -> Any:
        answer = listed(self)
        wanted = self._get_param("redriveFilter")
        kept = []
        for item in answer.result["executions"]:
            found = self.stepfunction_backend.describe_execution(item["executionArn"])
            item.update(_redrives(found))
            if found.stop_date is not None:
                item["stopDate"] = found.stop_date
            if wanted is None or (wanted == "REDRIVEN") == bool(item["redriveCount"]):
                kept.append(item)
        answer.result["executions"] = kept
        return answer

    describe = replace(responses.StepFunctionResponse, "describe_execution", describe_execution)
    listed = replace(responses.StepFunctionResponse, "list_executions", list_executions)


def _redrives(found: Any) -> dict[str, Any]:
    count = int(found.__dict__.get("twin_redrives", 0))
    return {"redriveCount": count} | ({"redriveDate": found.twin_redrive_date} if count else {})
