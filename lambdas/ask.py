"""Lambda task that asks an operator to retry, skip, or abort a failed step."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from leeward.control.approvals.questions import QuestionKind
from leeward.control.outcome.step_failure import StepFailure
from leeward.lambdas.runtime.executions import operator_questions
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import DetailResult, Parameters, TokenEvent
from leeward.lambdas.runtime.task import task


class AskParameters(Parameters):
    """The failure, the default decision, and the deadline."""

    failure: StepFailure
    default: Literal["retry", "skip", "abort"]
    expires_seconds: PositiveInt | None = None


@task(TokenEvent[AskParameters])
def handler(event: TokenEvent[AskParameters], context: TaskContext) -> DetailResult:
    """Ask the question. The answer resumes the waiting state."""
    parameters = event.parameters
    message = f"{parameters.failure.error}: {parameters.failure.cause}"
    return operator_questions.ask_operator(
        event, QuestionKind.FAILURE, message, parameters.default, context, expires_seconds=parameters.expires_seconds
    )
