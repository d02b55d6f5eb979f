"""The journal of a run: append-only, hash-chained, the evidence of what happened.

One item per entry: `pk` = RUN#<run id>, `sk` = E#<sequence number>, put on the condition that the slot is free
(`control.chain` says why that is sound). A writer learns the end of the chain by one query, and from then on costs one
call an entry; where another was quicker, the refusal carries that other entry, and the next slot is tried. Facts too
long for a small item lie beside the entry under their own hash (`control.facts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from leeward.common.aws.state_table import ItemValue, StateTable
from leeward.common.errors import Busy, SurprisingAnswer
from leeward.control.journal import large_payloads as long_facts
from leeward.control.journal.hash_chain import GENESIS_HASH, ChainedEntry, format_timestamp
from leeward.control.journal.redaction import redact, redact_facts

# So many writers would have to come first, one after the other, before an entry is given up for the task's retry.
_TRIES = 200
# After so many in a row it is quicker to ask for the end of the chain than to try slot after slot.
_TRIES_BEFORE_RESYNC = 5
_MAX_DETAIL_LENGTH = 8_000


class JournalEvent(StrEnum):
    """What an entry tells of."""

    RUN_BEGAN = "run.began"
    STEP_STARTED = "step.started"
    STEP_WAITING = "step.waiting"
    STEP_DONE = "step.done"
    STEP_FAILED = "step.failed"
    STEP_SKIPPED = "step.skipped"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    # No answer came in time, and the question's default decided.
    QUESTION_LAPSED = "question.lapsed"
    # An answer that was not taken: of the wrong person, to a question that is answered or over.
    ANSWER_REFUSED = "answer.refused"
    APPROVAL_FIRST = "approval.first"
    RUN_SIGNED = "run.signed"
    MESSAGE_SENT = "message.sent"
    DATA_LOSS_ACCEPTED = "data_loss.accepted"
    LOCK_TAKEN = "lock.taken"
    LOCK_TAKEN_OVER = "lock.taken_over"
    LOCK_WAIVED = "lock.waived"
    LOCK_RELEASED = "lock.released"
    RUN_ENDED = "run.ended"
    # The run was redriven after its end, and goes on.
    RUN_RESUMED = "run.resumed"
    # Since when a machine that serves has had no copy, and since when it has one again.
    PROTECTION_LOST = "protection.lost"
    PROTECTION_DEFERRED = "protection.deferred"
    PROTECTION_REVERSED = "protection.reversed"
    PROTECTION_PROVEN = "protection.proven"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One entry. `step` and `attempt` are None for what belongs to the run as a whole. `facts` are JSON values."""

    at: datetime
    event: JournalEvent
    detail: str
    step: str | None = None
    attempt: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


class Journal:
    """Writes the entries of one run from one request (one invocation of a task), each later than the one before."""

    def __init__(self, table: StateTable, run_id: str, request_id: str) -> None:
        self._table = table
        self.run_id = run_id
        self._request_id = request_id
        self._begun = 0
        self._latest: datetime | None = None
        self._end: ChainedEntry | None = None  # the last entry that this writer knows of

    def write(self, entry: JournalEntry) -> ChainedEntry:
        """Append one entry; the link that it became."""
        if self._latest is not None and entry.at <= self._latest:  # a coarse clock keeps the order too
            entry = replace(entry, at=self._latest + timedelta(microseconds=1))
        self._latest = entry.at
        # Counted before it is tried: one that failed, and may be there all the same, is not mistaken for the next.
        self._begun += 1
        return self._append(entry, f"{self._request_id}#{self._begun:03}", self._end or self._find_end())

    def write_once(self, entry: JournalEntry, key: str) -> ChainedEntry:
        """Append an entry that may be written again after a crash: the run has one entry with this `key`."""
        for link in read_chain(self._table, self.run_id):
            if link.id == key:
                return link
            self._end = link
        return self._append(entry, key, self._end)

    def entries(self) -> list[JournalEntry]:
        """Every entry of the run, oldest first."""
        return read_entries(self._table, self.run_id)

    def _append(self, entry: JournalEntry, name: str, end: ChainedEntry | None) -> ChainedEntry:
        facts = redact_facts(entry.facts)
        detail = redact(entry.detail)
        if len(detail) > _MAX_DETAIL_LENGTH:
            facts["detail"], detail = detail, detail[: _MAX_DETAIL_LENGTH - 3] + "..."
        content = ChainedEntry(
            run=self.run_id,
            seq=1,
            id=name,
            at=entry.at,
            event=entry.event.value,
            detail=detail,
            step=entry.step,
            attempt=entry.attempt,
            facts=facts,
            previous=GENESIS_HASH,
        )
        kept = long_facts.store_facts(self._table, _partition_key(self.run_id), facts)
        for tried in range(_TRIES):
            seq, previous = (end.seq + 1, end.hash) if end else (1, GENESIS_HASH)
            link = content.model_copy(update={"seq": seq, "previous": previous}).with_hash()
            there = self._table.put_if_absent(_item_from_link(link, kept))
            if there is None:
                self._end = link
                return link
            self._end = end = _link_from_item(there, {})
            if end.id == name:  # ours: it had been written, and only the answer was lost
                return end
            if tried % _TRIES_BEFORE_RESYNC == _TRIES_BEFORE_RESYNC - 1:
                end = self._find_end()
        raise Busy(f"the journal of {self.run_id} was written by others {_TRIES} times while an entry was appended")

    def _find_end(self) -> ChainedEntry | None:
        item = self._table.last_item(_partition_key(self.run_id), _ENTRY_PREFIX)
        return None if item is None else _link_from_item(item, {})


_ENTRY_PREFIX = "E#"


def read_entries(table: StateTable, run_id: str) -> list[JournalEntry]:
    """Every entry of a run, oldest first; empty for a run that never began."""
    return [entry_from_link(link) for link in read_chain(table, run_id)]


def read_chain(table: StateTable, run_id: str) -> list[ChainedEntry]:
    """Every entry of a run as it lies in the table, oldest first, for whoever checks or exports the chain."""
    items = list(table.query(_partition_key(run_id)))
    pieces = {str(i["sk"]): str(i["text"]) for i in items if str(i["sk"]).startswith(long_facts.PIECE_PREFIX)}
    return [_link_from_item(item, pieces) for item in items if str(item["sk"]).startswith(_ENTRY_PREFIX)]


def entry_from_link(link: ChainedEntry) -> JournalEntry:
    """The entry that a link carries. Raises SurprisingAnswer for an event that this code does not know."""
    if link.event not in set(JournalEvent):
        raise SurprisingAnswer(f"entry {link.seq} of {link.run} tells of {link.event!r}, which is not known here")
    return JournalEntry(link.at, JournalEvent(link.event), link.detail, link.step, link.attempt, link.facts)


def _item_from_link(link: ChainedEntry, stored_facts: long_facts.StoredFacts) -> dict[str, ItemValue | None]:
    return {
        "pk": _partition_key(link.run),
        "sk": f"{_ENTRY_PREFIX}{link.seq:08}",
        "id": link.id,
        "at": format_timestamp(link.at),
        "event": link.event,
        "step": link.step,
        "attempt": link.attempt,
        "detail": link.detail,
        "previous": link.previous,
        "hash": link.hash,
        **stored_facts.attributes,
    }


def _link_from_item(item: Mapping[str, ItemValue], pieces: Mapping[str, str]) -> ChainedEntry:
    try:
        return ChainedEntry(
            run=str(item["pk"]).removeprefix(_partition_key("")),
            seq=int(str(item["sk"]).removeprefix(_ENTRY_PREFIX)),
            id=str(item["id"]),
            at=datetime.fromisoformat(str(item["at"])),
            event=str(item["event"]),
            detail=str(item["detail"]),
            step=str(item["step"]) if "step" in item else None,
            attempt=int(item["attempt"]) if "attempt" in item else None,
            facts=long_facts.load_facts(item, pieces),
            previous=str(item["previous"]),
            hash=str(item["hash"]),
        )
    except ValueError as error:
        raise SurprisingAnswer(f"{item['pk']}, {item['sk']} is no entry of a journal: {error}") from error


def _partition_key(run_id: str) -> str:
    return f"RUN#{run_id}"
