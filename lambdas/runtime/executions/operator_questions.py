"""Ask an operator a question.

The state table keeps the question with its task token. The journal and the team's topic get it without the token.
"""

from __future__ import annotations

from datetime import timedelta

from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.control.approvals import questions
from leeward.control.approvals.questions import Question
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.notifications import operator_messages
from leeward.lambdas.runtime.executions.step_functions import deliver_decision
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import DetailResult, P, TokenEvent
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event, send_message


def ask_operator(
    event: TokenEvent[P],
    kind: questions.QuestionKind,
    message: str,
    default: str,
    context: TaskContext,
    *,
    expires_seconds: int | None = None,
    two_person: bool = False,
) -> DetailResult:
    """Ask the question. When called again for the same step and attempt, replace the old token with the new one.

    If the question was answered before this call, deliver that answer to the new token, because no state waits for the
    old token.
    """
    run, step, now = event.run, event.step, context.now
    question = questions.ask_question(
        context.table,
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
            deliver_decision(context.step_functions, event.token, question.answer)
        return DetailResult(detail=f"answered before: {question.answer.decision}")
    facts = {"kind": kind.value, "choices": list(question.choices), "default": default}
    entry = JournalEntry(question.asked_at, JournalEvent.QUESTION_ASKED, message, step.id, step.attempt, facts)
    link = context.journal(run.id).write(entry)
    send_message(
        context, run, operator_messages.question_message(run, question, step.name), purpose="question", step=step
    )
    publish_event(context, DomainEventType.QUESTION_ASKED, run, link, step)
    count_run_metrics(run, {RunMetric.QUESTION_ASKED: 1})
    return DetailResult(detail=f"asked; without an answer: {default}")
