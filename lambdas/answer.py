"""Answers a run's open question, for a person who proves who they are. `leeward approve`, `retry`, ... invoke it.

The token stays inside: whoever may invoke this function may answer, and needs no access to Step Functions. Who answers
is what STS says of the signed proof, never what the caller writes. Every refusal is recorded, in the run's journal, or
beside it where there is no such run.
"""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from leeward.common.arns import Arn
from leeward.common.errors import InvalidInput, LeewardError, NotFound, Permanent, Refused
from leeward.common.signals import Announced, RunMetric
from leeward.control import approving, identity, notes, questions
from leeward.control.ends import end_of
from leeward.control.identity import Identity, Statement
from leeward.control.journal import Entry, Event, chain
from leeward.control.questions import Question
from leeward.control.run import RunRef
from leeward.lambdas.common.callbacks import deliver
from leeward.lambdas.common.events import Detail
from leeward.lambdas.common.observability import logger
from leeward.lambdas.common.signals import announce, count
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench

_STARTED, _STARTER = "started", "starter"


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
def handler(event: AnswerEvent, bench: Workbench) -> Detail:
    """Answer once. Raises AccessDenied, InvalidInput, NotFound, Refused; each is recorded."""
    by: Identity | None = None
    try:
        statement = Statement(event.run, event.decision, event.reason, event.question)
        account = Arn.parse(bench.environment.topic_arn).account
        by = identity.verify(event.proof, statement, region=bench.region, account=account)
        return _sign(event, by, bench) if event.decision == _STARTED else _answer(event, by, bench)
    except Permanent as refusal:
        _record(event, by, refusal, bench)
        raise


def _sign(event: AnswerEvent, by: Identity, bench: Workbench) -> Detail:
    """The first who signs is taken at their word: it is they who can't approve the run any more."""
    _going_on(event.run, bench)
    if not notes.leave_once(bench.table, event.run, _STARTER, by.model_dump_json(by_alias=True)):
        raise Refused(f"run {event.run} was signed before")
    entry = Entry(bench.now, Event.RUN_SIGNED, f"{by.arn} started the run", facts={"by": by.arn})
    bench.journal(event.run).write(entry)
    return Detail(detail=f"{by.arn} started {event.run}")


def _answer(event: AnswerEvent, by: Identity, bench: Workbench) -> Detail:
    _going_on(event.run, bench)
    if event.question is None:
        raise _nothing_named(event.run, bench)
    question = questions.find(bench.table, event.run, event.question)
    if question is None:
        raise NotFound(f"run {event.run} has no question {event.question}")
    if question.answer is None and event.decision in question.choices:
        ruling = _ruling(question, event, by, bench)
        if not ruling.enough:
            entry = Entry(
                bench.now,
                Event.APPROVAL_FIRST,
                f"{by.arn} approved: {event.reason}; {ruling.why}",
                question.step,
                question.attempt,
                {"by": by.arn, "reason": event.reason},
            )
            bench.journal(event.run).write(entry)
            return Detail(detail=f"1 of 2 approvals: {ruling.why}")
    answered = questions.answer(
        bench.table,
        event.run,
        questions.Decision(decision=event.decision, by=by.arn, reason=event.reason),
        deliver=partial(deliver, bench.states),
        journal=bench.journal(event.run),
        now=bench.now,
        key=event.question,
    )
    _announced(answered, bench)
    return Detail(detail=f"{answered.key}: {event.decision} by {by.arn}")


def _announced(question: Question, bench: Workbench) -> None:
    """Machines are told of the answer and of how long it was waited for. The answer is given: what can't be told of it
    is no reason to refuse it."""
    try:
        links = chain(bench.table, question.run)
        told = next(link for link in links if link.id == question.key.replace("#", "."))
    except LeewardError as error:
        logger.warning(f"the answer to {question.key} of {question.run} could not be announced: {error}")
        return
    began = next((link.facts for link in links if link.event == Event.RUN_BEGAN), {})
    if "run" not in began:
        return
    run = RunRef.model_validate(began["run"])
    announce(bench, Announced.QUESTION_ANSWERED, run, told)
    waited = (told.at - question.asked_at).total_seconds()
    count(run, {RunMetric.QUESTION_ANSWERED: 1, RunMetric.QUESTION_SECONDS: waited})


def _nothing_named(run: str, bench: Workbench) -> Permanent:
    """Why an answer to no question in particular is refused: taken for the latest, it could meet another question."""
    last = questions.latest(bench.table, run)
    if last is None:
        return NotFound(f"run {run} asks nothing")
    if last.answer is None:
        return InvalidInput(f"say which question of {run} is answered: {last.key}")
    answer = last.answer
    return Refused(f"run {run} asks nothing now: {last.key} was answered before, {answer.decision} by {answer.by}")


def _ruling(question: Question, event: AnswerEvent, by: Identity, bench: Workbench) -> approving.Ruling:
    """Whoever is first of two writes it down on the condition that nobody was: of two at once, one is the second."""
    key, starter = f"first-{question.key}", _noted(event.run, _STARTER, bench)
    ruling = approving.rule(
        question, event.decision, by, starter=starter, first=_noted(event.run, key, bench), now=bench.now
    )
    if ruling.enough or notes.leave_once(bench.table, event.run, key, by.model_dump_json(by_alias=True)):
        return ruling
    return approving.rule(
        question, event.decision, by, starter=starter, first=_noted(event.run, key, bench), now=bench.now
    )


def _noted(run: str, key: str, bench: Workbench) -> Identity | None:
    text = notes.find(bench.table, run, key)
    return None if text is None else Identity.model_validate_json(text)


def _going_on(run: str, bench: Workbench) -> None:
    entries = bench.journal(run).entries()
    if not entries:
        raise NotFound(f"there is no run {run} in {bench.region}")
    ended = end_of(entries)
    if ended is not None:
        raise Refused(f"run {run} has ended at {ended.at:%Y-%m-%d %H:%M:%S} UTC: nothing waits for an answer")


def _record(event: AnswerEvent, by: Identity | None, refusal: Permanent, bench: Workbench) -> None:
    who = by.arn if by is not None else "someone who did not prove who they are"
    detail = f"{who} answered {event.decision!r} and was refused: {type(refusal).__name__}: {refusal}"
    facts = {"by": by.arn if by else None, "decision": event.decision, "reason": event.reason}
    if bench.journal(event.run).entries():
        bench.journal(event.run).write(Entry(bench.now, Event.ANSWER_REFUSED, detail, facts=facts))
        return
    # A run that does not exist gets no journal: whoever makes up ids could fill the table with them.
    at = bench.now.isoformat()
    bench.table.put({"pk": f"REFUSED#{at[:10]}", "sk": f"{at}#{bench.request_id}", "run": event.run, "detail": detail})
