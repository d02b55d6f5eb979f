"""Lambda task that answers a run's open question for an operator who proves their identity.

`leeward approve`, `reject`, `retry`, `skip`, and `abort` invoke this function. The task token never leaves it, so an
operator needs permission to invoke this function, and none for Step Functions. The operator is whoever STS says signed
the proof, never a name in the request.
"""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from leeward.base.arns import Arn
from leeward.common.errors import LeewardError, Permanent
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.control.approvals import caller_identity
from leeward.control.approvals.caller_identity import CallerIdentity, SignedStatement
from leeward.control.approvals.questions import Question
from leeward.control.approvals.run_answers import RunAnswer, RunAnswers
from leeward.control.journal.run_journal import JournalEvent, read_chain
from leeward.control.run.run_reference import RunRef
from leeward.lambdas.runtime.executions.step_functions import deliver_decision
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import DetailResult
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.observability import logger
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event

_STARTED_DECISION = "started"


class AnswerEvent(BaseModel):
    """An operator's decision on the question with this key.

    The decision `started` states that the caller started the run. `proof` is a GetCallerIdentity URL that is signed for
    this statement (control.approvals.caller_identity).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    run: str = Field(min_length=1, max_length=300)
    decision: str = Field(min_length=1, max_length=20)
    reason: str = Field(default="no reason given", max_length=1000)
    question: str | None = Field(default=None, max_length=300)
    proof: str = Field(min_length=1, max_length=8000, repr=False)


@task(AnswerEvent)
def handler(event: AnswerEvent, context: TaskContext) -> DetailResult:
    """Answer the question once. Raises AccessDenied, InvalidInput, NotFound, or Refused, and records the refusal."""
    caller: CallerIdentity | None = None
    answers = RunAnswers(
        event.run, context.region, context.table, context.journal(event.run), clock=lambda: context.now
    )
    answer = RunAnswer(event.decision, event.reason, event.question)
    try:
        caller = _verify_caller(event, context)
        if event.decision == _STARTED_DECISION:
            answers.record_starter(caller)
            return DetailResult(detail=f"{caller.arn} started {event.run}")
        given = answers.give(answer, caller, partial(deliver_decision, context.step_functions))
    except Permanent as refusal:
        answers.record_refusal(answer, caller, refusal, context.request_id)
        raise
    if isinstance(given, str):
        return DetailResult(detail=f"1 of 2 approvals: {given}")
    _publish_answer(given, context)
    return DetailResult(detail=f"{given.key}: {event.decision} by {caller.arn}")


def _verify_caller(event: AnswerEvent, context: TaskContext) -> CallerIdentity:
    statement = SignedStatement(event.run, event.decision, event.reason, event.question)
    account = Arn.parse(context.environment.topic_arn).account
    return caller_identity.verify_proof(event.proof, statement, region=context.region, account=account)


def _publish_answer(question: Question, context: TaskContext) -> None:
    """Publish the answer's event and metrics. Log any failure, because the answer has already taken effect."""
    try:
        links = read_chain(context.table, question.run)
        answered = next(link for link in links if link.id == question.key.replace("#", "."))
    except LeewardError as error:
        logger.warning(f"the answer to {question.key} of {question.run} could not be announced: {error}")
        return
    began = next((link.facts for link in links if link.event == JournalEvent.RUN_BEGAN), {})
    if "run" not in began:
        return
    run = RunRef.model_validate(began["run"])
    publish_event(context, DomainEventType.QUESTION_ANSWERED, run, answered)
    waited = (answered.at - question.asked_at).total_seconds()
    count_run_metrics(run, {RunMetric.QUESTION_ANSWERED: 1, RunMetric.QUESTION_SECONDS: waited})
