"""Asks the operator what to do about a failed step: retry, skip or abort."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from leeward.control.approvals.questions import QuestionKind
from leeward.control.outcome.step_failure import StepFailure
from leeward.lambdas.runtime.executions import operator_questions
from leeward.lambdas.runtime.invocation.events import DetailResult, Parameters, TokenEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


class AskParameters(Parameters):
    """The failure, and what silence means."""

    failure: StepFailure
    default: Literal["retry", "skip", "abort"]
    expires_seconds: PositiveInt | None = None


@task(TokenEvent[AskParameters])
def handler(event: TokenEvent[AskParameters], context: TaskContext) -> DetailResult:
    """Put the question; the waiting state goes on when it is answered."""
    given = event.parameters
    told = f"{given.failure.error}: {given.failure.cause}"
    return operator_questions.ask_operator(
        event, QuestionKind.FAILURE, told, given.default, context, expires_seconds=given.expires_seconds
    )
