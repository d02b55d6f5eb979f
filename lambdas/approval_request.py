"""Asks for leave to go on: approve or reject."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from leeward.control.approvals.approval_summary import summarize_for_approval
from leeward.control.approvals.questions import QuestionKind
from leeward.control.run import run_index
from leeward.lambdas.runtime.executions import operator_questions
from leeward.lambdas.runtime.invocation.events import DetailResult, Parameters, TokenEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


class ApprovalParameters(Parameters):
    """What the person reads, until when, what silence means, and whether the run's starter may answer."""

    message: str
    default: Literal["approve", "reject"]
    expires_seconds: PositiveInt | None = None
    two_person: bool = False


@task(TokenEvent[ApprovalParameters])
def handler(event: TokenEvent[ApprovalParameters], context: TaskContext) -> DetailResult:
    """Put the question, with the figures that it takes to decide; the waiting state goes on when it is answered."""
    given, run = event.parameters, event.run
    lines = [given.message]
    lines += summarize_for_approval(
        run, event.step.id, context.journal(run.id).entries(), run_index.list_runs(context.table, run.application)
    )
    if given.two_person:
        also = ", although it was started with `approve`" if run.approved else ""
        lines.append(f"The one who started this run can't approve it{also}: a second person must.")
    return operator_questions.ask_operator(
        event,
        QuestionKind.APPROVAL,
        "\n".join(lines),
        given.default,
        context,
        expires_seconds=given.expires_seconds,
        two_person=given.two_person,
    )
