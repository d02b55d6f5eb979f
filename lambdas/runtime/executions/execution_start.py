"""What the tasks that start runs share: their event's common part, and Step Functions' start by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from leeward.common.aws.clients import error_code, translate_errors
from leeward.control.triggers.trigger_decision import StartClaim

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StartEvent(BaseModel):
    """Which runbook, and its state machine's ARN."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    application: str
    runbook: str
    origin: str
    target: str
    machine: str


class StartOutcome(BaseModel):
    """What became of the event; `run` is the execution's name, where there is one."""

    verdict: str
    reason: str
    run: str | None = None


def start_execution(client: SFNClient, machine: str, claim: StartClaim) -> None:
    """Start the claim's execution. One that is there already, running or ended, is this very one."""
    with translate_errors("states:StartExecution"):
        try:
            client.start_execution(stateMachineArn=machine, name=claim.name, input=claim.input)
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise
