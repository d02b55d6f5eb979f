"""Every write that the users made, by number: sent, acknowledged, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class NumberedWrite:
    """One numbered write. `acked_at` and `region` are of the answer that acknowledged it."""

    number: int
    client: int
    sent_at: datetime
    attempts: int = 0
    acknowledged_at: datetime | None = None
    region: str | None = None
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class WriteTotals:
    """What became of the writes, by number."""

    sent: int
    acknowledged: int
    lost: tuple[int, ...]
    duplicated: tuple[int, ...]
    diverged: tuple[int, ...]


@dataclass
class WriteLedger:
    """`number_of(item)` tells which write an item in the table is of."""

    write_number: Callable[[Mapping[str, Any]], int | None]
    writes: dict[int, NumberedWrite] = field(default_factory=dict)

    def record_write(self, client: int, at: datetime) -> NumberedWrite:
        """The next number."""
        write = NumberedWrite(len(self.writes) + 1, client, at)
        self.writes[write.number] = write
        return write

    def compare_with_replicas(
        self, replicas: Mapping[str, Iterable[Mapping[str, Any]]], reachable: Iterable[str], settled_before: datetime
    ) -> WriteTotals:
        """Hold the writes against what the replicas (Region to items) hold. Lost is what was acknowledged and is in no
        replica that can be reached; diverged is what the reachable replicas do not hold alike, but for what was written
        after `settled`, which may still be on its way."""
        held = {region: self._items_by_write(replicas[region]) for region in reachable}
        everywhere = {number for by_number in held.values() for number in by_number}
        acknowledged = [write.number for write in self.writes.values() if write.acknowledged_at is not None]
        return WriteTotals(
            sent=len(self.writes),
            acknowledged=len(acknowledged),
            lost=tuple(number for number in acknowledged if number not in everywhere),
            duplicated=tuple(
                sorted({number for by_number in held.values() for number, items in by_number.items() if len(items) > 1})
            ),
            diverged=tuple(
                sorted(
                    number
                    for number in everywhere
                    if len({_canonical_text(by_number.get(number)) for by_number in held.values()}) > 1
                    and self.writes[number].sent_at < settled_before
                    and (self.writes[number].acknowledged_at or settled_before) < settled_before
                )
            ),
        )

    def _items_by_write(self, items: Iterable[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
        found: dict[int, list[Mapping[str, Any]]] = {}
        for item in items:
            number = self.write_number(item)
            if number is not None:
                found.setdefault(number, []).append(item)
        return found

    def acknowledged_by_region(self) -> Counter[str]:
        """How many writes each Region acknowledged."""
        return Counter(write.region for write in self.writes.values() if write.region)


def _canonical_text(items: list[Mapping[str, Any]] | None) -> str:
    return repr(sorted(sorted(item.items(), key=str) for item in items)) if items else ""
