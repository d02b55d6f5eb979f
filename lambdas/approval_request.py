"""Asks for leave to go on: approve or reject."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from leeward.control import register
from leeward.control.figures import figures
from leeward.control.questions import Kind
from leeward.lambdas.common import asking
from leeward.lambdas.common.events import Detail, Parameters, TokenEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class ApprovalParameters(Parameters):
    """What the person reads, until when, what silence means, and whether the run's starter may answer."""

    message: str
    default: Literal["approve", "reject"]
    expires_seconds: PositiveInt | None = None
    two_person: bool = False


@task(TokenEvent[ApprovalParameters])
def handler(event: TokenEvent[ApprovalParameters], bench: Workbench) -> Detail:
    """Put the question, with the figures that it takes to decide; the waiting state goes on when it is answered."""
    given, run = event.parameters, event.run
    lines = [given.message]
    lines += figures(run, event.step.id, bench.journal(run.id).entries(), register.runs(bench.table, run.application))
    if given.two_person:
        also = ", although it was started with `approve`" if run.approved else ""
        lines.append(f"The one who started this run can't approve it{also}: a second person must.")
    return asking.put(
        event,
        Kind.APPROVAL,
        "\n".join(lines),
        given.default,
        bench,
        expires_seconds=given.expires_seconds,
        two_person=given.two_person,
    )
