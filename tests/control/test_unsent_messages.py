"""The journal keeps unsent messages until a later entry says that they were sent."""

from __future__ import annotations

from leeward.control.journal.run_journal import JournalEvent
from leeward.control.notifications.unsent_messages import list_unsent_messages
from tests.support.sample_journals import JournalBuilder

UNSENT, SENT = JournalEvent.MESSAGE_UNSENT, JournalEvent.MESSAGE_SENT


def test_message_is_unsent_until_a_sent_entry_names_it() -> None:
    book = JournalBuilder()
    book.write(JournalEvent.RUN_BEGAN, "begun")
    first = book.write(UNSENT, "no", "ask", attempt=2, purpose="question", subject="a", body="b", error="e")
    second = book.write(UNSENT, "no", purpose="notice", subject="c", body="d", error="f")
    book.write(SENT, "another message", purpose="notice", subject="a", body="b")
    unsent = list_unsent_messages(book.links)
    assert [(m.seq, m.at, m.subject, m.body, m.error) for m in unsent] == [
        (first.seq, first.at, "a", "b", "e"),
        (second.seq, second.at, "c", "d", "f"),
    ]
    book.write(SENT, "late", "ask", purpose="question", subject="a", body="b", unsent=first.seq)
    assert [message.seq for message in list_unsent_messages(book.links)] == [second.seq]


def test_unsent_question_belongs_to_one_attempt_of_its_step() -> None:
    book = JournalBuilder()
    book.write(UNSENT, "no", "ask", attempt=2, purpose="question", subject="a", body="b", error="e")
    book.write(UNSENT, "no", "ask", attempt=1, purpose="notice", subject="a", body="b", error="e")
    question, notice = list_unsent_messages(book.links)
    assert [question.asks("ask", 2), question.asks("ask", 1), question.asks("other", 2)] == [True, False, False]
    assert not notice.asks("ask", 1)
