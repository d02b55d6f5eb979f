"""The chain of a run's journal: each entry carries the hash of the one before, and a hash over itself.

The sequence number is the entry's key in the table, so the slot after the last one can be taken once. Whoever writes
into a slot has read the entry before it, which never changes: the chain has no gap and no fork, however many functions
write side by side, without a lock and without a transaction. An entry that is altered no longer has its hash; one that
is taken out, put in or moved breaks the link of its neighbour. What only a later witness can tell is that the *last*
entries are missing: the end of a run is told with its hash (messages, events), and an exported bundle is signed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, PositiveInt

GENESIS_HASH = "0" * 64


class ChainedEntry(BaseModel):
    """One entry in its place. `id` names the write: who wrote it (a request id) and its how manieth it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    seq: PositiveInt
    id: str
    at: AwareDatetime
    event: str
    detail: str
    step: str | None = None
    attempt: int | None = None
    facts: dict[str, object]
    previous: str
    hash: str = ""

    def compute_hash(self) -> str:
        """SHA-256, in hex, over everything but `hash`, as JSON with sorted keys and without spaces, in UTF-8."""
        content = self.model_dump(mode="json", exclude={"hash", "at"}) | {"at": format_timestamp(self.at)}
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()

    def with_hash(self) -> Self:
        """With its hash."""
        return self.model_copy(update={"hash": self.compute_hash()})

    @property
    def description(self) -> str:
        """The entry in words, for whoever looks for it."""
        of = f" of {self.step}" if self.step else ""
        return f"entry {self.seq} ({self.event}{of}, {self.at:%Y-%m-%d %H:%M:%S} UTC)"


class ChainBreak(BaseModel):
    """One thing wrong with a chain: which entry (None: the chain as a whole), and what is wrong with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seq: int | None
    what: str


def canonical_json(content: Mapping[str, object]) -> str:
    """The one JSON text of a mapping. Raises ValueError for numbers that JSON does not have."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def find_breaks(run: str, links: Sequence[ChainedEntry]) -> list[ChainBreak]:
    """Everything wrong with the chain of a run, in the order in which it is read; empty for a whole one."""
    return list(_iterate_breaks(run, links))


def _iterate_breaks(run: str, links: Sequence[ChainedEntry]) -> Iterator[ChainBreak]:
    before: ChainedEntry | None = None
    seen: dict[int, int] = {}
    for place, link in enumerate(links, start=1):
        if link.run != run:
            yield ChainBreak(seq=link.seq, what=f"{link.description} belongs to another run, {link.run}")
        if link.compute_hash() != link.hash:
            yield ChainBreak(seq=link.seq, what=f"{link.description} was altered: its content does not have its hash")
        expected = before.seq + 1 if before else 1
        if link.seq in seen:
            yield ChainBreak(
                seq=link.seq, what=f"{link.description} is there twice, in places {seen[link.seq]} and {place}"
            )
        elif link.seq < expected:
            yield ChainBreak(seq=link.seq, what=f"{link.description} stands in place {place}: the order was changed")
        elif link.seq > expected:
            yield ChainBreak(seq=expected, what=f"{_missing_text(expected, link.seq - 1)} before {link.description}")
        elif link.previous != (before.hash if before else GENESIS_HASH):
            told = f"{link.description} does not follow the entry before it"
            yield ChainBreak(
                seq=link.seq, what=f"{told}: one of the two was replaced, or something between them cut out"
            )
        seen[link.seq] = place
        before = link


def _missing_text(first: int, last: int) -> str:
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"


def format_timestamp(moment: datetime) -> str:
    """A time as the table keeps it: UTC, with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
