"""Asks for leave to go on: approve or reject."""

from __future__ import annotations

from typing import Literal

from control.questions import Kind
from lambdas.common import asking
from lambdas.common.events import Detail, Parameters, TokenEvent
from lambdas.common.task import task
from lambdas.common.workbench import Workbench


class ApprovalParameters(Parameters):
    """What the person reads, and what silence means."""

    message: str
    default: Literal["approve", "reject"]


@task(TokenEvent[ApprovalParameters])
def handler(event: TokenEvent[ApprovalParameters], bench: Workbench) -> Detail:
    """Put the question; the waiting state goes on when it is answered."""
    return asking.put(event, Kind.APPROVAL, event.parameters.message, event.parameters.default, bench)
