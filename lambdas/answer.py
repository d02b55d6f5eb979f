"""Answers a run's open question. A person invokes this one: the command is in the message that asked.

The token stays inside: whoever may invoke this function may answer, and needs no access to the table or to Step
Functions.
"""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from common.signals import Announced, RunMetric
from control import questions
from control.journal import Event, chain
from control.run import RunRef
from lambdas.common.callbacks import deliver
from lambdas.common.events import Detail
from lambdas.common.signals import announce, count
from lambdas.common.task import task
from lambdas.common.workbench import Workbench


class AnswerEvent(BaseModel):
    """`question` is its key; without one, the run's latest open question is answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str = Field(min_length=1)
    decision: str = Field(min_length=1)
    by: str = Field(min_length=1, max_length=200)
    reason: str = Field("no reason given", max_length=1000)
    question: str | None = None


@task(AnswerEvent)
def handler(event: AnswerEvent, bench: Workbench) -> Detail:
    """Answer once. Raises InvalidInput, NotFound, Refused."""
    answered = questions.answer(
        bench.table,
        event.run,
        questions.Decision(decision=event.decision, by=event.by, reason=event.reason),
        deliver=partial(deliver, bench.states),
        journal=bench.journal(event.run),
        now=bench.now,
        key=event.question,
    )
    _tell_machines(event.run, answered, bench)
    return Detail(detail=f"{answered.key}: {event.decision}")


def _tell_machines(run_id: str, answered: questions.Question, bench: Workbench) -> None:
    links = chain(bench.table, run_id)
    began = next((link for link in links if link.event == Event.RUN_BEGAN), None)
    link = next((link for link in links if link.id == answered.key.replace("#", ".")), None)
    if began is None or link is None:
        return
    run = RunRef.model_validate(began.facts["run"])
    announce(bench, Announced.QUESTION_ANSWERED, run, link)
    count(run, {RunMetric.QUESTION_ANSWERED: 1})
