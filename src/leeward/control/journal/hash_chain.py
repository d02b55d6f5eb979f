"""The hash chain of a run's journal: each entry contains the hash of the previous entry and its own hash.

The sequence number is the entry's key in the table, so only one writer can use the next number. A writer has read the
previous entry, which never changes. So the chain has no gap and no fork, however many functions write at the same time,
without a lock or a transaction.

An altered entry no longer matches its hash. An entry that is removed, inserted, or moved breaks the link of the next
one. The chain alone can't show that the *last* entries are missing. For that, messages and events about the end of a
run contain its hash, and an exported bundle is signed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, PositiveInt

GENESIS_HASH = "0" * 64
# A position in a chain as text: a sequence number, a colon, and a SHA-256.
HEAD_PATTERN = r"^[1-9][0-9]{0,8}:[0-9a-f]{64}$"


class ChainedEntry(BaseModel):
    """A journal entry in the chain. `id` identifies the write: the request id and the count of its writes so far."""

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
        """Return the SHA-256 in hex of all fields except `hash`, as UTF-8 JSON with sorted keys and no spaces."""
        content = self.model_dump(mode="json", exclude={"hash", "at"}) | {"at": format_timestamp(self.at)}
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()

    def with_hash(self) -> Self:
        """Return a copy that contains its hash."""
        return self.model_copy(update={"hash": self.compute_hash()})

    @property
    def description(self) -> str:
        """Return a short description that helps to locate the entry."""
        of = f" of {self.step}" if self.step else ""
        return f"entry {self.seq} ({self.event}{of}, {self.at:%Y-%m-%d %H:%M:%S} UTC)"


@dataclass(frozen=True, slots=True)
class ChainPosition:
    """The place of an entry in its chain: its sequence number and its hash. As text, `17:5f0c...`."""

    seq: int
    hash: str

    @classmethod
    def of(cls, link: ChainedEntry) -> Self:
        """Return the position of an entry."""
        return cls(link.seq, link.hash)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the position that `str` wrote. Raises ValueError for other text."""
        seq, _, digest = text.partition(":")
        if not re.fullmatch(HEAD_PATTERN, text):
            raise ValueError(f"{text[:80]!r} is not a position in a journal: a number, a colon, and a SHA-256")
        return cls(int(seq), digest)

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class ChainBreak(BaseModel):
    """A defect of a chain. `seq` is the entry's sequence number, or None for the chain as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seq: int | None
    what: str


def canonical_json(content: Mapping[str, object]) -> str:
    """Return the canonical JSON text of a mapping. Raises ValueError for numbers that JSON can't represent."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def find_breaks(run: str, links: Sequence[ChainedEntry]) -> list[ChainBreak]:
    """Return all defects of a run's chain, in the order of the entries. Empty if the chain is intact."""
    return list(_iterate_breaks(run, links))


def _iterate_breaks(run: str, links: Sequence[ChainedEntry]) -> Iterator[ChainBreak]:
    before: ChainedEntry | None = None
    first_positions: dict[int, int] = {}
    for position, link in enumerate(links, start=1):
        if link.run != run:
            yield ChainBreak(seq=link.seq, what=f"{link.description} belongs to another run, {link.run}")
        if link.compute_hash() != link.hash:
            yield ChainBreak(seq=link.seq, what=f"{link.description} was altered: its content does not match its hash")
        expected = before.seq + 1 if before else 1
        if link.seq in first_positions:
            yield ChainBreak(
                seq=link.seq,
                what=f"{link.description} occurs twice, at positions {first_positions[link.seq]} and {position}",
            )
        elif link.seq < expected:
            yield ChainBreak(seq=link.seq, what=f"{link.description} is at position {position}: the order was changed")
        elif link.seq > expected:
            yield ChainBreak(seq=expected, what=f"{_missing_text(expected, link.seq - 1)} before {link.description}")
        elif link.previous != (before.hash if before else GENESIS_HASH):
            problem = f"{link.description} does not follow the entry before it"
            yield ChainBreak(
                seq=link.seq, what=f"{problem}: one of the two was replaced, or an entry between them was removed"
            )
        first_positions[link.seq] = position
        before = link


def _missing_text(first: int, last: int) -> str:
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"


def format_timestamp(moment: datetime) -> str:
    """Return a time as the table stores it: UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
