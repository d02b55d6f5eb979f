"""The limits of messages, events, and facts, and what a refused answer says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.common.errors import InvalidInput, NotFound, Refused, ServiceUnavailable
from leeward.common.naming.telemetry_names import DomainEventType
from leeward.control.approvals import questions
from leeward.control.approvals.questions import OperatorDecision, Question, QuestionKind, answer_question, ask_question
from leeward.control.journal import large_payloads
from leeward.control.journal.hash_chain import GENESIS_HASH, ChainedEntry, ChainPosition, find_breaks
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain
from leeward.control.notifications.domain_events import event_detail, put_event
from leeward.control.notifications.operator_messages import format_subject, publish_message, question_message
from leeward.control.run.run_reference import RunbookStep, RunRef
from tests.support.task_world import TaskWorld, run_reference

RUN = RunRef.model_validate(run_reference())
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def link(seq: int = 1, previous: str = GENESIS_HASH, **more: Any) -> ChainedEntry:
    given = {"run": "r", "seq": seq, "id": f"i{seq}", "at": AT, "event": "step.done", "detail": "d", "facts": {}}
    return ChainedEntry.model_validate(given | {"previous": previous} | more).with_hash()


def chain(count: int) -> list[ChainedEntry]:
    made = [link()]
    while len(made) < count:
        made.append(link(len(made) + 1, made[-1].hash))
    return made


# -- messages and events ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("x" * 99, "x" * 99),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 97 + "..."),
        ("a\n b\t\u00fc", "a b ?"),
    ],
)
def test_subject_has_at_most_100_ascii_characters(text: str, subject: str) -> None:
    assert format_subject(text) == subject


class StubSns:
    def __init__(self, answer: dict[str, str]) -> None:
        self.answer, self.sent = answer, list[dict[str, str]]()

    def publish(self, **message: str) -> dict[str, str]:
        self.sent.append(message)
        return self.answer


@pytest.mark.parametrize("length", [9_999, 10_000, 10_001])
def test_body_has_at_most_ten_thousand_characters(length: int) -> None:
    sns: Any = StubSns({"MessageId": "m"})
    body = ("word " * 2_001)[:length]
    assert publish_message(sns, "topic", "subject", body) == "m"
    assert sns.sent == [{"TopicArn": "topic", "Subject": "subject", "Message": body[:10_000]}]
    without: Any = StubSns({})
    assert publish_message(without, "topic", "subject", "x") == ""


@pytest.mark.parametrize("kind", list(QuestionKind))
@pytest.mark.parametrize("expires", [None, AT])
def test_message_of_question_names_step_deadline_and_choices(kind: QuestionKind, expires: datetime | None) -> None:
    subject, body = question_message(RUN, replace(QUESTION, kind=kind, expires_at=expires), "Recover")
    asked = "approval required" if kind is QuestionKind.APPROVAL else "Recover failed, your decision is required"
    assert subject == f"website failover: {asked}"
    deadline = " by 2026-03-01 09:00:00 UTC" if expires else " in time"
    choices = ("approve", "reject") if kind is QuestionKind.APPROVAL else ("retry", "skip", "abort")
    assert body.splitlines() == [
        "Run website.failover.run-1: us-east-1 -> us-west-2.",
        "Recover: what now?",
        f"Without an answer{deadline}: abort. Answer with one of:",
        "",
        *(f'leeward {choice} website.failover.run-1 --reason "..."' for choice in choices),
    ]


@pytest.mark.parametrize("length", [3_999, 4_000, 4_001])
def test_text_of_event_has_at_most_four_thousand_characters(length: int) -> None:
    text = ("word " * 801)[:length]
    assert event_detail(RUN, link(detail=text)).text == text[:4_000]


def test_event_has_facts_of_its_entry() -> None:
    facts = {"outcome": "failed", "error": "E", "policy": "stop", "by": "Ada", "choices": ["a", 1], "default": "a"}
    detail = event_detail(RUN, link(step="s", attempt=3, facts=facts), RunbookStep(id="s", name="S", kind="k"), "web")
    assert (detail.outcome, detail.error, detail.decision, detail.by) == ("failed", "E", "stop", "Ada")
    assert (detail.choices, detail.default) == (["a", "1"], "a")
    assert detail.step is not None
    assert detail.step.model_dump() == {"id": "s", "name": "S", "kind": "k", "attempt": 3, "part": "web"}
    plain = event_detail(RUN, link(step="s", facts={"decision": "retry", "policy": "stop", "choices": "a"}))
    assert (plain.decision, plain.choices, plain.error) == ("retry", None, None)
    assert plain.step is not None
    assert (plain.step.name, plain.step.kind, plain.step.attempt) == ("s", None, 1)
    assert event_detail(RUN, link()).step is None


class StubEvents:
    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        assert len(Entries) == 1
        return self.answer


def test_rejected_event_is_an_error() -> None:
    detail = event_detail(RUN, link())
    put_event(StubEvents({"FailedEntryCount": 0}), DomainEventType.RUN_ENDED, detail)
    put_event(StubEvents({}), DomainEventType.RUN_ENDED, detail)
    rejected = StubEvents({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "C", "ErrorMessage": "m"}]})
    with pytest.raises(ServiceUnavailable, match=r"^events:PutEvents: C: m$"):
        put_event(rejected, DomainEventType.RUN_ENDED, detail)


# -- facts and the chain ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "pieces"), [(8_192, 0), (8_193, 1), (65_536, 1), (65_537, 2), (131_072, 2), (131_073, 3)]
)
def test_long_facts_are_stored_in_pieces(world: TaskWorld, length: int, pieces: int) -> None:
    facts = {"x": "y" * (length - len('{"x":""}'))}
    stored = large_payloads.store_facts(world.table, "RUN#r", facts).attributes
    assert stored.get("facts_pieces", 0) == pieces
    items = {str(item["sk"]): str(item["text"]) for item in world.table.query("RUN#r")}
    assert len(items) == pieces
    assert all(len(text) <= 65_536 for text in items.values())
    assert large_payloads.load_facts(stored, items) == facts
    if pieces:
        assert large_payloads.load_facts(stored, {}) == {}


@pytest.mark.parametrize("length", [7_999, 8_000, 8_001])
def test_long_detail_is_shortened_and_kept_in_facts(world: TaskWorld, length: int) -> None:
    detail = ("word " * 1_601)[:length]
    written = Journal(world.table, "r", "request").write(JournalEntry(AT, JournalEvent.STEP_DONE, detail))
    long = length > 8_000
    assert written.detail == (detail[:7_997] + "..." if long else detail)
    assert written.facts == ({"detail": detail} if long else {})
    assert read_chain(world.table, "r") == [written]


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_entries_of_a_request_are_in_ascending_order_of_time(world: TaskWorld, seconds: int) -> None:
    journal, later = Journal(world.table, "r", "request"), AT + timedelta(seconds=seconds)
    journal.write(JournalEntry(AT, JournalEvent.STEP_STARTED, "x"))
    second = journal.write(JournalEntry(later, JournalEvent.STEP_DONE, "x"))
    third = journal.write(JournalEntry(AT, JournalEvent.STEP_DONE, "x"))
    expected = max(later, AT + timedelta(microseconds=1))
    assert (second.at, third.at) == (expected, expected + timedelta(microseconds=1))


@pytest.mark.parametrize("text", ["1:" + "0" * 64, "999999999:" + "f" * 64])
def test_position_is_read_as_written(text: str) -> None:
    assert str(ChainPosition.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "1", "0:" + "0" * 64, "01:" + "0" * 64, "1:" + "0" * 63, "1:" + "0" * 65, "1:" + "F" * 64, "1-" + "0" * 64],
)
def test_other_text_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match="is not a position in a journal"):
        ChainPosition.parse(text)


def breaks(links: list[ChainedEntry]) -> list[tuple[int | None, str]]:
    return [(each.seq, each.what) for each in find_breaks("r", links)]


AT_TEXT = "2026-03-01 09:00:00 UTC"


def test_missing_entries_are_counted() -> None:
    a, b, c, d = chain(4)
    assert breaks([a, b, c, d]) == []
    assert breaks([a, c, d]) == [(2, f"entry 2 is missing before entry 3 (step.done, {AT_TEXT})")]
    assert breaks([a, d]) == [(2, f"entries 2 to 3 are missing before entry 4 (step.done, {AT_TEXT})")]
    assert breaks([c, d]) == [(1, f"entries 1 to 2 are missing before entry 3 (step.done, {AT_TEXT})")]


def test_repeated_moved_and_replaced_entries_are_named() -> None:
    a, b, c, d = chain(4)
    named = "entry {} (step.done, " + AT_TEXT + ")"
    assert (2, f"{named.format(2)} occurs twice, at positions 2 and 3") in breaks([a, b, b, c, d])
    assert (2, f"{named.format(2)} is at position 3: the order was changed") in breaks([a, c, b, d])
    other = link(2, a.hash, detail="other")
    (broken,) = breaks([a, other, c, d])
    assert broken[0] == 3
    assert "does not follow the entry before it" in broken[1]
    altered = b.model_copy(update={"detail": "other"})
    assert breaks([a, altered, c, d]) == [(2, f"{named.format(2)} was altered: its content does not match its hash")]
    assert breaks([link(run="q")])[0] == (1, f"{named.format(1)} belongs to another run, q")
    assert link(step="s").description == f"entry 1 (step.done of s, {AT_TEXT})"


# -- questions --------------------------------------------------------------------------------------

QUESTION = Question(
    run="r",
    step="s",
    attempt=1,
    kind=QuestionKind.FAILURE,
    token="t",
    message="what now?",
    default="abort",
    asked_at=AT,
)
RETRY = OperatorDecision(decision="retry", by="Ada", reason="again")


def give(world: TaskWorld, decision: OperatorDecision = RETRY, *, now: datetime = AT, key: str | None = None) -> Any:
    delivered: list[tuple[str, OperatorDecision]] = []
    answered = answer_question(
        world.table, "r", decision, deliver=lambda *given: delivered.append(given), now=now, key=key,
        journal=Journal(world.table, "r", "request"),
    )  # fmt: skip
    return answered, delivered


def test_latest_open_question_is_answered(world: TaskWorld) -> None:
    early, late = (replace(QUESTION, attempt=n, asked_at=AT + timedelta(minutes=n), token=f"t{n}") for n in (1, 2))
    for question in (late, early):
        assert ask_question(world.table, question) == question
    assert [question.attempt for question in questions.open_questions(world.table, "r")] == [2, 1]
    answered, delivered = give(world)
    assert (answered.attempt, delivered) == (2, [("t2", RETRY)])
    assert [question.attempt for question in questions.open_questions(world.table, "r")] == [1]
    latest = questions.latest_question(world.table, "r")
    assert latest is not None
    assert latest.answer == RETRY
    assert give(world, key=early.key)[0].attempt == 1
    with pytest.raises(NotFound, match=r"^run r has no open question$"):
        give(world)
    with pytest.raises(NotFound, match=r"^run r has no question x$"):
        give(world, key="x")


def test_second_answer_names_the_first(world: TaskWorld) -> None:
    ask_question(world.table, QUESTION)
    give(world)
    later = AT + timedelta(minutes=1)
    for decision, now in ((RETRY.model_copy(update={"decision": "skip"}), AT), (RETRY, later)):
        with pytest.raises(Refused) as refused:
            give(world, decision, now=now, key=QUESTION.key)
        assert str(refused.value) == (
            "s#1#failure of run r was already answered: retry by Ada at 2026-03-01 09:00:00 UTC"
        )
    assert give(world, key=QUESTION.key)[1] == [("t", RETRY)], "the same answer, whose response was lost"


def test_answer_must_be_a_choice(world: TaskWorld) -> None:
    ask_question(world.table, QUESTION)
    with pytest.raises(
        InvalidInput, match=r"^'approve' does not answer s#1#failure; choose one of retry, skip, abort$"
    ):
        give(world, RETRY.model_copy(update={"decision": "approve"}))


def test_deleted_question_gets_no_answer(world: TaskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_question(world.table, QUESTION)
    monkeypatch.setattr(type(world.table), "put", lambda *_args, **_more: False)
    found = [QUESTION, None]
    monkeypatch.setattr(questions, "find_question", lambda *_args: found.pop(0))
    with pytest.raises(Refused, match=r"^s#1#failure of run r was already answered$"):
        give(world, key=QUESTION.key)
