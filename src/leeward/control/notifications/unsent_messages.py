"""Messages to the team that could not be sent, read from a run's journal, which keeps them until they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEvent

# The fact of a `message.sent` entry that names the entry of the message's failed try.
SENT_LATER_FACT = "unsent"


@dataclass(frozen=True, slots=True)
class UnsentMessage:
    """A message that operators did not get. `seq` is the journal entry of the failed try, and `error` its reason."""

    seq: int
    at: datetime
    purpose: str
    subject: str
    body: str
    error: str
    step: str | None
    attempt: int | None

    def asks(self, step: str, attempt: int) -> bool:
        """Return whether the message asks a question of this attempt of a step."""
        return self.purpose == "question" and (self.step, self.attempt) == (step, attempt)


def list_unsent_messages(links: Sequence[ChainedEntry]) -> list[UnsentMessage]:
    """Return the messages that have not been sent yet, oldest first."""
    sent = {link.facts.get(SENT_LATER_FACT) for link in links if link.event == JournalEvent.MESSAGE_SENT}
    return [_read_message(link) for link in links if link.event == JournalEvent.MESSAGE_UNSENT and link.seq not in sent]


def _read_message(link: ChainedEntry) -> UnsentMessage:
    purpose, subject, body, error = (str(link.facts.get(name, "")) for name in ("purpose", "subject", "body", "error"))
    return UnsentMessage(link.seq, link.at, purpose, subject, body, error, link.step, link.attempt)
