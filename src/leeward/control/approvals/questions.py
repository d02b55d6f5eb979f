"""Questions that a run asks a person, and their answers.

The state machine waits with a task token. The token is a secret that lets its holder steer the run: it is kept in the
table, and never goes to a log, a message or the journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from leeward.common.aws.state_table import StateTable, attribute_absent, attribute_equals
from leeward.common.errors import InvalidInput, NotFound, Refused
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent


class QuestionKind(StrEnum):
    """What is asked: leave to go on, or what to do about a failed step."""

    APPROVAL = "approval"
    FAILURE = "failure"


CHOICES = {QuestionKind.APPROVAL: ("approve", "reject"), QuestionKind.FAILURE: ("retry", "skip", "abort")}


class OperatorDecision(BaseModel):
    """What was decided, by whom and why: the output of the waiting state, which shows the reason when it is a no."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: str
    by: str
    reason: str = "no reason given"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `default` is what silence means; `answer` is None while it is open."""

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
        return CHOICES[self.kind]

    @property
    def key(self) -> str:
        return f"{self.step}#{self.attempt}#{self.kind}"


def ask_question(table: StateTable, question: Question) -> Question:
    """Put the question, or put its new token where the same question is still open (the task was called again).

    Returns the question as it stands: one with an answer was answered before, and its answer belongs to this token now.
    """
    if table.put(_question_item(question), condition=attribute_absent("answered_at")):
        return question
    answered = find_question(table, question.run, question.key)
    if answered is None:
        raise NotFound(f"the question {question.key} of run {question.run} has vanished")
    return answered


def find_question(table: StateTable, run_id: str, key: str) -> Question | None:
    """One question by its key."""
    item = table.get(_partition_key(run_id), key)
    return None if item is None else _question_from_item(run_id, item)


def latest_question(table: StateTable, run_id: str) -> Question | None:
    """What the run asked last, answered or not."""
    found = [_question_from_item(run_id, item) for item in table.query(_partition_key(run_id))]
    return max(found, key=lambda q: q.asked_at, default=None)


def open_questions(table: StateTable, run_id: str) -> list[Question]:
    """The run's questions without an answer, latest first."""
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
    """Answer the run's latest open question, or the one with `key`; once, whoever else answers.

    `deliver(token, decision)` hands the decision to the waiting state.
    Raises InvalidInput for a decision that is no choice, NotFound when nothing is open, Refused when another answer
    came first or the run no longer waits.
    """
    question = _question_to_answer(table, run_id, key)
    if decision.decision not in question.choices:
        raise InvalidInput(
            f"{decision.decision!r} does not answer {question.key}; choose one of {', '.join(question.choices)}"
        )
    answered = replace(question, answered_at=now, answer=decision)
    # The token too: the asking task may have been called again, and then the old token wakes nobody.
    if not table.put(
        _question_item(answered), condition=attribute_absent("answered_at") & attribute_equals("token", question.token)
    ):
        standing = find_question(table, run_id, question.key)
        if standing is not None and standing.answer is None:
            return answer_question(table, run_id, decision, deliver=deliver, journal=journal, now=now, key=question.key)
        if standing is None or standing.answer != decision or standing.answered_at != now:
            raise Refused(f"{question.key} of run {run_id} was answered before{_answered_by_text(standing)}")
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
    answered = question.answer
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
        "decision": answered.decision if answered else None,
        "by": answered.by if answered else None,
        "reason": answered.reason if answered else None,
    }


def _question_from_item(run_id: str, item: dict[str, str | int]) -> Question:
    given = None
    if "decision" in item:
        given = OperatorDecision(decision=str(item["decision"]), by=str(item["by"]), reason=str(item["reason"]))
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
        answer=given,
    )


def _partition_key(run_id: str) -> str:
    return f"QUESTION#{run_id}"
