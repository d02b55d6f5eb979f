"""Questions that a run asks operators, and their answers, stored in the state table.

The state machine waits with a task token. The token is a secret that lets its holder control the run. It is stored in
the table and never written to a log, a message, or the journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from leeward.common.aws.tables.state_table import StateTable, attribute_absent, attribute_equals
from leeward.common.errors import InvalidInput, NotFound, Refused
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent


class QuestionKind(StrEnum):
    """The kind of question: an approval, or what to do about a failed step."""

    APPROVAL = "approval"
    FAILURE = "failure"


CHOICES = {QuestionKind.APPROVAL: ("approve", "reject"), QuestionKind.FAILURE: ("retry", "skip", "abort")}


class OperatorDecision(BaseModel):
    """A decision, who made it, and why. It is the output of the waiting state, so it shows why a run was rejected."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    decision: str
    by: str
    reason: str = "no reason given"


@dataclass(frozen=True, slots=True)
class Question:
    """A question to operators. `default` applies if no one answers in time. `answer` is None while it is open."""

    run: str
    step: str
    attempt: int
    kind: QuestionKind
    token: str = field(repr=False)
    message: str
    default: str
    asked_at: datetime
    expires_at: datetime | None = None
    two_person: bool = False
    answered_at: datetime | None = None
    answer: OperatorDecision | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the allowed answers."""
        return CHOICES[self.kind]

    @property
    def key(self) -> str:
        """Return the question's key in the table, unique within its run."""
        return f"{self.step}#{self.attempt}#{self.kind}"


def ask_question(table: StateTable, question: Question) -> Question:
    """Store the question. If the same question is still open, replace its token, because the task was called again.

    Returns the stored question. If it already has an answer, deliver that answer with the new token.
    """
    if table.put(_question_item(question), condition=attribute_absent("answered_at")):
        return question
    answered = find_question(table, question.run, question.key)
    if answered is None:
        raise NotFound(f"the question {question.key} of run {question.run} is no longer in the table")
    return answered


def find_question(table: StateTable, run_id: str, key: str) -> Question | None:
    """Return one question by its key, or None."""
    item = table.get(_partition_key(run_id), key)
    return None if item is None else _question_from_item(run_id, item)


def latest_question(table: StateTable, run_id: str) -> Question | None:
    """Return the run's latest question, answered or not."""
    found = [_question_from_item(run_id, item) for item in table.query(_partition_key(run_id))]
    return max(found, key=lambda q: q.asked_at, default=None)


def open_questions(table: StateTable, run_id: str) -> list[Question]:
    """Return the run's unanswered questions, latest first."""
    found = [_question_from_item(run_id, item) for item in table.query(_partition_key(run_id))]
    return sorted((q for q in found if q.answer is None), key=lambda q: q.asked_at, reverse=True)


def answer_question(
    table: StateTable,
    run_id: str,
    decision: OperatorDecision,
    *,
    deliver: Callable[[str, OperatorDecision], None],
    journal: Journal,
    now: datetime,
    key: str | None = None,
) -> Question:
    """Answer the run's latest open question, or the one with `key`. Of simultaneous answers, only one succeeds.

    `deliver(token, decision)` sends the decision to the waiting state.
    Raises InvalidInput when the decision is not one of the choices, NotFound when no question is open, and Refused when
    another answer came first or the run no longer waits.
    """
    question = _question_to_answer(table, run_id, key)
    if decision.decision not in question.choices:
        raise InvalidInput(
            f"{decision.decision!r} does not answer {question.key}; choose one of {', '.join(question.choices)}"
        )
    answered = replace(question, answered_at=now, answer=decision)
    # Check the token too: the task may have been called again, and then the old token is no longer valid.
    if not table.put(
        _question_item(answered), condition=attribute_absent("answered_at") & attribute_equals("token", question.token)
    ):
        current = find_question(table, run_id, question.key)
        if current is not None and current.answer is None:
            return answer_question(table, run_id, decision, deliver=deliver, journal=journal, now=now, key=question.key)
        if current is None or current.answer != decision or current.answered_at != now:
            raise Refused(f"{question.key} of run {run_id} was already answered{_answered_by_text(current)}")
    try:
        deliver(question.token, decision)
    except Refused as error:
        raise Refused(f"run {run_id} no longer waits for an answer to {question.key} ({error})") from error
    journal.write_once(
        JournalEntry(
            at=now,
            event=JournalEvent.QUESTION_ANSWERED,
            step=question.step,
            attempt=question.attempt,
            detail=f"{decision.by} answered {decision.decision}: {decision.reason}",
            facts={"kind": question.kind.value, **decision.model_dump()},
        ),
        question.key.replace("#", "."),
    )
    return answered


def _question_to_answer(table: StateTable, run_id: str, key: str | None) -> Question:
    if key is not None:
        named = find_question(table, run_id, key)
        if named is None:
            raise NotFound(f"run {run_id} has no question {key}")
        return named
    waiting = open_questions(table, run_id)
    if not waiting:
        raise NotFound(f"run {run_id} has no open question")
    return waiting[0]


def _answered_by_text(question: Question | None) -> str:
    if question is None or question.answer is None:
        return ""
    return f": {question.answer.decision} by {question.answer.by} at {question.answered_at:%Y-%m-%d %H:%M:%S} UTC"


def _question_item(question: Question) -> dict[str, str | int | None]:
    answer = question.answer
    return {
        "pk": _partition_key(question.run),
        "sk": question.key,
        "step": question.step,
        "attempt": question.attempt,
        "kind": question.kind.value,
        "token": question.token,
        "message": question.message,
        "choices": ",".join(question.choices),
        "default": question.default,
        "asked_at": question.asked_at.astimezone(UTC).isoformat(),
        "expires_at": question.expires_at.astimezone(UTC).isoformat() if question.expires_at else None,
        "two_person": int(question.two_person),
        "answered_at": question.answered_at.astimezone(UTC).isoformat() if question.answered_at else None,
        "decision": answer.decision if answer else None,
        "by": answer.by if answer else None,
        "reason": answer.reason if answer else None,
    }


def _question_from_item(run_id: str, item: dict[str, str | int]) -> Question:
    answer = None
    if "decision" in item:
        answer = OperatorDecision(decision=str(item["decision"]), by=str(item["by"]), reason=str(item["reason"]))
    return Question(
        run=run_id,
        step=str(item["step"]),
        attempt=int(item["attempt"]),
        kind=QuestionKind(str(item["kind"])),
        token=str(item["token"]),
        message=str(item["message"]),
        default=str(item["default"]),
        asked_at=datetime.fromisoformat(str(item["asked_at"])),
        expires_at=datetime.fromisoformat(str(item["expires_at"])) if "expires_at" in item else None,
        two_person=bool(item.get("two_person")),
        answered_at=datetime.fromisoformat(str(item["answered_at"])) if "answered_at" in item else None,
        answer=answer,
    )


def _partition_key(run_id: str) -> str:
    return f"QUESTION#{run_id}"
