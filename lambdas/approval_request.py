"""Lambda task that asks an operator to approve or reject the next steps of a run."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from leeward.control.approvals.approval_summary import summarize_for_approval
from leeward.control.approvals.questions import QuestionKind
from leeward.control.run import run_index
from leeward.lambdas.runtime.executions import operator_questions
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import DetailResult, Parameters, TokenEvent
from leeward.lambdas.runtime.task import task


class ApprovalParameters(Parameters):
    """The message, the deadline, the default decision, and whether a second operator must answer."""

    message: str
    default: Literal["approve", "reject"]
    expires_seconds: PositiveInt | None = None
    two_person: bool = False


@task(TokenEvent[ApprovalParameters])
def handler(event: TokenEvent[ApprovalParameters], context: TaskContext) -> DetailResult:
    """Ask the question, with the figures that the operator needs to decide. The answer resumes the waiting state."""
    parameters, run = event.parameters, event.run
    lines = [parameters.message]
    lines += summarize_for_approval(
        run, event.step.id, context.journal(run.id).entries(), run_index.list_runs(context.table, run.application)
    )
    if parameters.two_person:
        also = ", although it was started with `approve`" if run.approved else ""
        lines.append(f"The operator who started this run can't approve it{also}: a second person must.")
    return operator_questions.ask_operator(
        event,
        QuestionKind.APPROVAL,
        "\n".join(lines),
        parameters.default,
        context,
        expires_seconds=parameters.expires_seconds,
        two_person=parameters.two_person,
    )
