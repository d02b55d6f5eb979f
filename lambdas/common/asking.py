"""Asking a person: the question goes to the table with its token, the journal and the team's topic without."""

from __future__ import annotations

from datetime import timedelta

from leeward.common.signals import Announced, RunMetric
from leeward.control import messages, questions
from leeward.control.journal import Entry, Event
from leeward.control.questions import Question
from leeward.lambdas.common.callbacks import deliver
from leeward.lambdas.common.events import Detail, P, TokenEvent
from leeward.lambdas.common.signals import announce, count, tell
from leeward.lambdas.common.workbench import Workbench


def put(
    event: TokenEvent[P],
    kind: questions.Kind,
    message: str,
    default: str,
    bench: Workbench,
    *,
    expires_seconds: int | None = None,
    two_person: bool = False,
) -> Detail:
    """Ask; called again for the same step and attempt, the new token takes the old one's place.

    Where the answer came before this call, to an older token, it belongs to this one: the old one wakes nobody.
    """
    run, step, now = event.run, event.step, bench.now
    question = questions.ask(
        bench.table,
        Question(
            run=run.id,
            step=step.id,
            attempt=step.attempt,
            kind=kind,
            token=event.token,
            message=message,
            default=default,
            asked_at=now,
            expires_at=now + timedelta(seconds=expires_seconds) if expires_seconds else None,
            two_person=two_person,
        ),
    )
    if question.answer is not None:
        if question.token != event.token:
            deliver(bench.states, event.token, question.answer)
        return Detail(detail=f"answered before: {question.answer.decision}")
    facts = {"kind": kind.value, "choices": list(question.choices), "default": default}
    entry = Entry(question.asked_at, Event.QUESTION_ASKED, message, step.id, step.attempt, facts)
    link = bench.journal(run.id).write(entry)
    tell(bench, run, messages.question_text(run, question, step.name), purpose="question", step=step)
    announce(bench, Announced.QUESTION_ASKED, run, link, step)
    count(run, {RunMetric.QUESTION_ASKED: 1})
    return Detail(detail=f"asked; without an answer: {default}")
