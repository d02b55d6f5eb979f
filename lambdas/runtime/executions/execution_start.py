"""Common code of the tasks that start runs: their event, their result, and StartExecution by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from leeward.common.aws.clients import error_code, translate_errors
from leeward.control.triggers.trigger_decision import StartClaim

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StartEvent(BaseModel):
    """The common fields of a start event: the runbook, its Regions, and its state machine's ARN (`machine`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    application: str
    runbook: str
    origin: str
    target: str
    machine: str


class StartOutcome(BaseModel):
    """The decision on a start event. `run` is the name of the started execution, or None."""

    verdict: str
    reason: str
    run: str | None = None


def start_execution(client: SFNClient, machine: str, claim: StartClaim) -> None:
    """Start the claim's execution. An existing execution with the claim's name counts as started, running or ended."""
    with translate_errors("states:StartExecution"):
        try:
            client.start_execution(stateMachineArn=machine, name=claim.name, input=claim.input)
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise
