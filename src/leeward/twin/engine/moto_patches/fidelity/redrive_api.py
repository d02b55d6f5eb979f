"""Adds RedriveExecution, and the redrive fields of DescribeExecution and ListExecutions.

Fields and reasons follow botocore's model of Step Functions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions import responses
from moto.stepfunctions.parser.api import ExecutionStatus

from leeward.twin.engine.moto_patches.fidelity.execution_stopping import MAX_HISTORY_EVENTS
from leeward.twin.engine.step_functions import execution_events
from leeward.twin.patching.attribute_replacement import add_attribute, replace_attribute

REDRIVABLE_PERIOD, MAX_EXECUTION_TIME = timedelta(days=14), timedelta(days=365)
# The responses to the last ten client tokens stay the same for 15 minutes.
_REMEMBERED_TOKENS, _TOKEN_LIFETIME = 10, timedelta(minutes=15)


class ExecutionNotRedrivable(AWSError):  # type: ignore[misc]  # moto is untyped
    """Raised when the execution is running, has succeeded, or ended too long ago."""

    TYPE = code = exception_type = "ExecutionNotRedrivable"
    STATUS = 400


def find_redrive_obstacle(execution: Any, now: datetime) -> str | None:
    """Return why the execution cannot be redriven now, or None when it can."""
    if execution.status in ("RUNNING", "SUCCEEDED"):
        return f"Execution is {execution.status} and cannot be redriven"
    if len(execution.to_history_output()["events"]) >= MAX_HISTORY_EVENTS - 1:
        return "Execution history event limit exceeded"
    if now - execution.start_date > MAX_EXECUTION_TIME:
        return "Execution has exceeded the max execution time"
    if execution.stop_date is not None and now - execution.stop_date > REDRIVABLE_PERIOD:
        return "Execution redrivable period exceeded"
    return None


def add_redrive_execution() -> None:
    """Add RedriveExecution, which unpatched moto lacks."""

    def redrive(self: Any) -> Any:
        arn, token = self._get_param("executionArn"), self._get_param("clientToken")
        redriven_execution, now = self.stepfunction_backend.describe_execution(arn), datetime.now(UTC)
        tokens: dict[str, datetime] = redriven_execution.__dict__.setdefault("twin_redrive_tokens", {})
        if token in tokens and now - tokens[token] <= _TOKEN_LIFETIME:
            return responses.ActionResult({"redriveDate": tokens[token]})
        reason = find_redrive_obstacle(redriven_execution, now)
        if reason is not None:
            raise ExecutionNotRedrivable(f"{reason}: '{arn}'")
        _start_redrive(redriven_execution, now)
        if token:
            tokens[token] = now
            for oldest in list(tokens)[:-_REMEMBERED_TOKENS]:
                del tokens[oldest]
        return responses.ActionResult({"redriveDate": now})

    add_attribute(responses.StepFunctionResponse, "redrive_execution", redrive)


def _start_redrive(execution: Any, now: datetime) -> None:
    ended_environment, redrive_count = execution.exec_worker.env, int(execution.__dict__.get("twin_redrives", 0)) + 1
    execution.twin_redrives, execution.twin_redrive_date = redrive_count, now
    execution.stop_date = execution.error = execution.cause = execution.output = execution.exec_worker = None
    execution_events.publish_redrive(execution.exec_arn)
    worker = execution._get_start_execution_worker()
    worker.twin_resumes_from, worker.twin_redrives, worker.twin_redriven_at = (
        ended_environment,
        redrive_count,
        now.isoformat(),
    )
    worker.env = ended_environment  # until the worker has begun
    execution.exec_worker = worker
    execution.exec_status = ExecutionStatus.RUNNING
    worker.start()


def report_redrives() -> None:
    """Report the redrives of executions, and the stop date of listed executions that TIMED_OUT.

    Unpatched moto omits both.
    """

    def describe_execution(self: Any) -> Any:
        response = describe(self)
        described_execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        response.result.update(_redrive_fields(described_execution))
        reason = find_redrive_obstacle(described_execution, datetime.now(UTC))
        response.result["redriveStatus"] = "NOT_REDRIVABLE" if reason else "REDRIVABLE"
        if reason:
            response.result["redriveStatusReason"] = reason
        return response

    def list_executions(self: Any) -> Any:
        response = listed(self)
        redrive_filter = self._get_param("redriveFilter")
        kept = []
        for item in response.result["executions"]:
            listed_execution = self.stepfunction_backend.describe_execution(item["executionArn"])
            item.update(_redrive_fields(listed_execution))
            if listed_execution.stop_date is not None:
                item["stopDate"] = listed_execution.stop_date
            if redrive_filter is None or (redrive_filter == "REDRIVEN") == bool(item["redriveCount"]):
                kept.append(item)
        response.result["executions"] = kept
        return response

    describe = replace_attribute(responses.StepFunctionResponse, "describe_execution", describe_execution)
    listed = replace_attribute(responses.StepFunctionResponse, "list_executions", list_executions)


def _redrive_fields(execution: Any) -> dict[str, Any]:
    count = int(execution.__dict__.get("twin_redrives", 0))
    return {"redriveCount": count} | ({"redriveDate": execution.twin_redrive_date} if count else {})
