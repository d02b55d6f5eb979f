"""The append-only, hash-chained journal of a run, which is the evidence of what happened.

Each entry is one item: `pk` = RUN#<run id>, `sk` = E#<sequence number>, written on the condition that the number is
free (`control.journal.hash_chain` explains why that is sound). The end of the chain travels with the run from task to
task, so a writer needs one call for each entry. Without it, one query finds the end. If another writer was faster, the
failed write returns that writer's entry, and the next number is tried. Long facts are stored in items of their own
(`control.journal.large_payloads`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from leeward.common.aws.tables.state_table import ItemValue, StateTable
from leeward.common.aws.tables.write_fence import RunFence, put_fenced
from leeward.common.errors import Busy, SurprisingAnswer, Transient
from leeward.control.journal import large_payloads
from leeward.control.journal.hash_chain import GENESIS_HASH, ChainedEntry, ChainPosition, format_timestamp
from leeward.control.journal.redaction import redact, redact_facts

# After this many failed writes, each with a query for the end of the chain, append raises Busy.
_TRIES = 200
_MAX_DETAIL_LENGTH = 8_000


class JournalEvent(StrEnum):
    """The kind of event that an entry records."""

    RUN_BEGAN = "run.began"
    STEP_STARTED = "step.started"
    STEP_WAITING = "step.waiting"
    STEP_DONE = "step.done"
    STEP_FAILED = "step.failed"
    STEP_SKIPPED = "step.skipped"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    # No answer came in time, so the question's default applied.
    QUESTION_LAPSED = "question.lapsed"
    # The answer came from an operator who may not give it, or the question was already answered or had expired.
    ANSWER_REFUSED = "answer.refused"
    APPROVAL_FIRST = "approval.first"
    RUN_SIGNED = "run.signed"
    MESSAGE_SENT = "message.sent"
    # A message to the team that could not be sent. A later MESSAGE_SENT names it by its sequence number.
    MESSAGE_UNSENT = "message.unsent"
    DATA_LOSS_ACCEPTED = "data_loss.accepted"
    LOCK_TAKEN = "lock.taken"
    LOCK_TAKEN_OVER = "lock.taken_over"
    LOCK_WAIVED = "lock.waived"
    LOCK_RELEASED = "lock.released"
    RUN_ENDED = "run.ended"
    # The run was redriven after its end.
    RUN_RESUMED = "run.resumed"
    # When a serving instance lost its protected copy, and when it got one again.
    PROTECTION_LOST = "protection.lost"
    PROTECTION_DEFERRED = "protection.deferred"
    PROTECTION_REVERSED = "protection.reversed"
    PROTECTION_PROVEN = "protection.proven"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A journal entry. `step` and `attempt` are None if it concerns the run as a whole. `facts` are JSON values."""

    at: datetime
    event: JournalEvent
    detail: str
    step: str | None = None
    attempt: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


class Journal:
    """Writes journal entries of one run for one request (one task invocation), in strictly ascending time order.

    `head` is the last entry that the caller knows, as returned by `head` of an earlier request. It saves a query. A
    `head` that is no longer the last costs one failed write for each later entry.
    """

    def __init__(
        self,
        table: StateTable,
        run_id: str,
        request_id: str,
        *,
        head: str | None = None,
        fence: RunFence | None = None,
    ) -> None:
        self._table = table
        self.run_id = run_id
        self._request_id = request_id
        self._fence = fence
        self._write_count = 0
        self._latest: datetime | None = None
        self._end: ChainPosition | None = None if head is None else ChainPosition.parse(head)
        # Whether no entry with a key that is still to be written can be at or before the end, except in the links.
        self._knows_keys = head is not None
        # Every entry up to the end, if this request has read the chain.
        self._links: list[ChainedEntry] | None = None

    @property
    def head(self) -> str | None:
        """Return the last known entry of the chain as text, or None.

        It is None after a write that may have been stored. So the next request looks for its key.
        """
        return str(self._end) if self._end is not None and self._knows_keys else None

    def write(self, entry: JournalEntry, *, key: str | None = None, fenced: bool = False) -> ChainedEntry:
        """Append one entry and return it as written.

        A `key` identifies what is recorded. If an earlier write with this key was stored, but its response was lost,
        that entry is returned. Without a key, the same write within the same request is recognized.

        A `fenced` entry is written only while the journal's fence holds, and raises its error otherwise. Raises Busy
        when other writers are always faster.
        """
        if self._latest is not None and entry.at <= self._latest:  # the clock may be coarse
            entry = replace(entry, at=self._latest + timedelta(microseconds=1))
        self._latest = entry.at
        # Count before writing: a failed write may still have been stored, so its id must not be used again.
        self._write_count += 1
        name = key or f"{self._request_id}#{self._write_count:03}"
        fence = self._fence if fenced else None
        if key is None:
            return self._append(entry, name, self._end or self._find_end(), fence)
        return self._find_if_unknown(key) or self._append(entry, name, self._end, fence)

    def write_first(self, entry: JournalEntry, key: str) -> ChainedEntry:
        """Write the run's first entry, unless it is there with this `key`. Safe to repeat after a crash."""
        link = self._append(entry, key, None, None)
        self._knows_keys = True
        return link

    def write_once(self, entry: JournalEntry, key: str) -> ChainedEntry:
        """Append an entry unless the run already has one with this `key`. Safe to repeat after a crash."""
        return self._find(key) or self._append(entry, key, self._end, None)

    def has_entry(self, key: str) -> bool:
        """Return whether another request, or a write whose response was lost, has stored the entry with this key."""
        return self._find_if_unknown(key) is not None

    def _find_if_unknown(self, key: str) -> ChainedEntry | None:
        """Return the entry with this key, or None. Reads the chain only if the entry can be there."""
        return None if self._knows_keys and self._links is None else self._find(key)

    def _find(self, key: str) -> ChainedEntry | None:
        return next((link for link in self.links() if link.id == key), None)

    def links(self) -> Sequence[ChainedEntry]:
        """Return every entry of the run as stored, oldest first.

        The first call reads them. Later calls return them with what this request has written since, as long as no one
        else has written.
        """
        if self._links is None:
            self._links, self._knows_keys = read_chain(self._table, self.run_id), True
            if self._links:
                self._end = ChainPosition.of(self._links[-1])
        return self._links

    def entries(self) -> list[JournalEntry]:
        """Return every entry of the run, oldest first, as `links` does."""
        return [entry_from_link(link) for link in self.links()]

    def _append(
        self,
        entry: JournalEntry,
        name: str,
        end: ChainPosition | None,
        fence: RunFence | None,
    ) -> ChainedEntry:
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
        stored_facts = large_payloads.store_facts(self._table, _partition_key(self.run_id), facts)
        for _ in range(_TRIES):
            seq, previous = (end.seq + 1, end.hash) if end else (1, GENESIS_HASH)
            link = content.model_copy(update={"seq": seq, "previous": previous}).with_hash()
            item = _item_from_link(link, stored_facts)
            try:
                existing_item = put_fenced(self._table, item, fence) if fence else self._table.put_if_absent(item)
            except Transient:
                self._forget_chain()  # the entry may be stored
                raise
            if existing_item is None:
                self._end = ChainPosition.of(link)
                if self._links is not None:
                    self._links.append(link)
                return link
            # An earlier write of this entry succeeded, but its response was lost. Or another request has written any
            # number of entries, and those with a key must not be written again.
            self._forget_chain()
            if (found := self._find(name)) is not None:
                return found
            end = self._end
        raise Busy(
            f"an entry could not be appended to the journal of {self.run_id}: other writers came first {_TRIES} times"
        )

    def _forget_chain(self) -> None:
        self._end = self._links = None
        self._knows_keys = False

    def _find_end(self) -> ChainPosition | None:
        item = self._table.last_item(_partition_key(self.run_id), _ENTRY_PREFIX)
        return None if item is None else ChainPosition.of(_link_from_item(item, {}))


_ENTRY_PREFIX = "E#"


def read_entries(table: StateTable, run_id: str) -> list[JournalEntry]:
    """Return every entry of a run, oldest first. Empty for a run that never began."""
    return [entry_from_link(link) for link in read_chain(table, run_id)]


def read_chain(table: StateTable, run_id: str) -> list[ChainedEntry]:
    """Return every entry of a run as stored, oldest first, to check or export the chain."""
    items = list(table.query(_partition_key(run_id)))
    pieces = {str(i["sk"]): str(i["text"]) for i in items if str(i["sk"]).startswith(large_payloads.PIECE_PREFIX)}
    return [_link_from_item(item, pieces) for item in items if str(item["sk"]).startswith(_ENTRY_PREFIX)]


def entry_from_link(link: ChainedEntry) -> JournalEntry:
    """Convert a chained entry to a JournalEntry. Raises SurprisingAnswer for an unknown event."""
    if link.event not in set(JournalEvent):
        raise SurprisingAnswer(f"entry {link.seq} of {link.run} has the unknown event {link.event!r}")
    return JournalEntry(link.at, JournalEvent(link.event), link.detail, link.step, link.attempt, link.facts)


def _item_from_link(link: ChainedEntry, stored_facts: large_payloads.StoredFacts) -> dict[str, ItemValue | None]:
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
            facts=large_payloads.load_facts(item, pieces),
            previous=str(item["previous"]),
            hash=str(item["hash"]),
        )
    except ValueError as error:
        raise SurprisingAnswer(f"{item['pk']}, {item['sk']} is not a journal entry: {error}") from error


def _partition_key(run_id: str) -> str:
    return f"RUN#{run_id}"
