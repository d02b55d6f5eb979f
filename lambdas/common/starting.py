"""What the tasks that start runs share: their event's common part, and Step Functions' start by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from leeward.common.aws import error_code, naming_errors
from leeward.control.starting import Claim

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


class Outcome(BaseModel):
    """What became of the event; `run` is the execution's name, where there is one."""

    verdict: str
    reason: str
    run: str | None = None


def start(client: SFNClient, machine: str, claim: Claim) -> None:
    """Start the claim's execution. One that is there already, running or ended, is this very one."""
    with naming_errors("states:StartExecution"):
        try:
            client.start_execution(stateMachineArn=machine, name=claim.name, input=claim.input)
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise
