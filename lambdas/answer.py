"""Answers a run's open question, for a person who proves who they are. `leeward approve`, `retry`, ... invoke it.

The token stays inside: whoever may invoke this function may answer, and needs no access to Step Functions. Who answers
is what STS says of the signed proof, never what the caller writes. Every refusal is recorded, in the run's journal, or
beside it where there is no such run.
"""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from leeward.base.arns import Arn
from leeward.common.errors import InvalidInput, LeewardError, NotFound, Permanent, Refused
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.control.approvals import approval_policy, caller_identity, questions
from leeward.control.approvals.caller_identity import CallerIdentity, SignedStatement
from leeward.control.approvals.questions import Question
from leeward.control.journal.run_journal import JournalEntry, JournalEvent, read_chain
from leeward.control.outcome.run_end_state import end_entry
from leeward.control.run import step_scratchpad
from leeward.control.run.run_reference import RunRef
from leeward.lambdas.runtime.executions.step_functions import deliver_decision
from leeward.lambdas.runtime.invocation.events import DetailResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.observability import logger
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event

_STARTED_DECISION, _STARTER_NOTE = "started", "starter"


class AnswerEvent(BaseModel):
    """A decision on the question with this key, or `started`: the caller signs that they started the run. `proof` is
    a GetCallerIdentity URL, signed for this very statement (control.identity)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str = Field(min_length=1, max_length=300)
    decision: str = Field(min_length=1, max_length=20)
    reason: str = Field(default="no reason given", max_length=1000)
    question: str | None = Field(default=None, max_length=300)
    proof: str = Field(min_length=1, max_length=8000, repr=False)


@task(AnswerEvent)
def handler(event: AnswerEvent, context: TaskContext) -> DetailResult:
    """Answer once. Raises AccessDenied, InvalidInput, NotFound, Refused; each is recorded."""
    by: CallerIdentity | None = None
    try:
        statement = SignedStatement(event.run, event.decision, event.reason, event.question)
        account = Arn.parse(context.environment.topic_arn).account
        by = caller_identity.verify_proof(event.proof, statement, region=context.region, account=account)
        return (
            _record_starter(event, by, context)
            if event.decision == _STARTED_DECISION
            else _answer_question(event, by, context)
        )
    except Permanent as refusal:
        _record_refusal(event, by, refusal, context)
        raise


def _record_starter(event: AnswerEvent, caller: CallerIdentity, context: TaskContext) -> DetailResult:
    """The first who signs is taken at their word: it is they who can't approve the run any more."""
    _require_run_in_progress(event.run, context)
    if not step_scratchpad.write_note_once(
        context.table, event.run, _STARTER_NOTE, caller.model_dump_json(by_alias=True)
    ):
        raise Refused(f"run {event.run} was signed before")
    entry = JournalEntry(
        context.now, JournalEvent.RUN_SIGNED, f"{caller.arn} started the run", facts={"by": caller.arn}
    )
    context.journal(event.run).write(entry)
    return DetailResult(detail=f"{caller.arn} started {event.run}")


def _answer_question(event: AnswerEvent, caller: CallerIdentity, context: TaskContext) -> DetailResult:
    _require_run_in_progress(event.run, context)
    if event.question is None:
        raise _missing_question_error(event.run, context)
    question = questions.find_question(context.table, event.run, event.question)
    if question is None:
        raise NotFound(f"run {event.run} has no question {event.question}")
    if question.answer is None and event.decision in question.choices:
        ruling = _rule_on_answer(question, event, caller, context)
        if not ruling.is_sufficient:
            entry = JournalEntry(
                context.now,
                JournalEvent.APPROVAL_FIRST,
                f"{caller.arn} approved: {event.reason}; {ruling.reason}",
                question.step,
                question.attempt,
                {"by": caller.arn, "reason": event.reason},
            )
            context.journal(event.run).write(entry)
            return DetailResult(detail=f"1 of 2 approvals: {ruling.reason}")
    answered = questions.answer_question(
        context.table,
        event.run,
        questions.OperatorDecision(decision=event.decision, by=caller.arn, reason=event.reason),
        deliver=partial(deliver_decision, context.step_functions),
        journal=context.journal(event.run),
        now=context.now,
        key=event.question,
    )
    _publish_answer(answered, context)
    return DetailResult(detail=f"{answered.key}: {event.decision} by {caller.arn}")


def _publish_answer(question: Question, context: TaskContext) -> None:
    """Machines are told of the answer and of how long it was waited for. The answer is given: what can't be told of it
    is no reason to refuse it."""
    try:
        links = read_chain(context.table, question.run)
        told = next(link for link in links if link.id == question.key.replace("#", "."))
    except LeewardError as error:
        logger.warning(f"the answer to {question.key} of {question.run} could not be announced: {error}")
        return
    began = next((link.facts for link in links if link.event == JournalEvent.RUN_BEGAN), {})
    if "run" not in began:
        return
    run = RunRef.model_validate(began["run"])
    publish_event(context, DomainEventType.QUESTION_ANSWERED, run, told)
    waited = (told.at - question.asked_at).total_seconds()
    count_run_metrics(run, {RunMetric.QUESTION_ANSWERED: 1, RunMetric.QUESTION_SECONDS: waited})


def _missing_question_error(run: str, context: TaskContext) -> Permanent:
    """Why an answer to no question in particular is refused: taken for the latest, it could meet another question."""
    last = questions.latest_question(context.table, run)
    if last is None:
        return NotFound(f"run {run} asks nothing")
    if last.answer is None:
        return InvalidInput(f"say which question of {run} is answered: {last.key}")
    answer = last.answer
    return Refused(f"run {run} asks nothing now: {last.key} was answered before, {answer.decision} by {answer.by}")


def _rule_on_answer(
    question: Question, event: AnswerEvent, caller: CallerIdentity, context: TaskContext
) -> approval_policy.ApprovalRuling:
    """Whoever is first of two writes it down on the condition that nobody was: of two at once, one is the second."""
    key, starter = f"first-{question.key}", _read_identity(event.run, _STARTER_NOTE, context)
    ruling = approval_policy.rule_on_approval(
        question,
        event.decision,
        caller,
        starter=starter,
        first_approver=_read_identity(event.run, key, context),
        now=context.now,
    )
    if ruling.is_sufficient or step_scratchpad.write_note_once(
        context.table, event.run, key, caller.model_dump_json(by_alias=True)
    ):
        return ruling
    return approval_policy.rule_on_approval(
        question,
        event.decision,
        caller,
        starter=starter,
        first_approver=_read_identity(event.run, key, context),
        now=context.now,
    )


def _read_identity(run: str, key: str, context: TaskContext) -> CallerIdentity | None:
    text = step_scratchpad.read_note(context.table, run, key)
    return None if text is None else CallerIdentity.model_validate_json(text)


def _require_run_in_progress(run: str, context: TaskContext) -> None:
    entries = context.journal(run).entries()
    if not entries:
        raise NotFound(f"there is no run {run} in {context.region}")
    ended = end_entry(entries)
    if ended is not None:
        raise Refused(f"run {run} has ended at {ended.at:%Y-%m-%d %H:%M:%S} UTC: nothing waits for an answer")


def _record_refusal(
    event: AnswerEvent, caller: CallerIdentity | None, refusal: Permanent, context: TaskContext
) -> None:
    who = caller.arn if caller is not None else "someone who did not prove who they are"
    detail = f"{who} answered {event.decision!r} and was refused: {type(refusal).__name__}: {refusal}"
    facts = {"by": caller.arn if caller else None, "decision": event.decision, "reason": event.reason}
    if context.journal(event.run).entries():
        context.journal(event.run).write(JournalEntry(context.now, JournalEvent.ANSWER_REFUSED, detail, facts=facts))
        return
    # A run that does not exist gets no journal: whoever makes up ids could fill the table with them.
    at = context.now.isoformat()
    context.table.put(
        {"pk": f"REFUSED#{at[:10]}", "sk": f"{at}#{context.request_id}", "run": event.run, "detail": detail}
    )
