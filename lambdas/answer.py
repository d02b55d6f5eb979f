"""Answers a run's open question. A person invokes this one: the command is in the message that asked.

The token stays inside: whoever may invoke this function may answer, and needs no access to the table or to Step
Functions.
"""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from control import questions
from lambdas.common.callbacks import deliver
from lambdas.common.events import Detail
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
    return Detail(detail=f"{answered.key}: {event.decision}")
