"""Records every write that the clients send, by number, and compares the writes with the table replicas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class NumberedWrite:
    """One numbered write.

    `acknowledged_at`, `region`, and `item_id` come from the response that acknowledged the write.
    """

    number: int
    client: int
    sent_at: datetime
    attempts: int = 0
    acknowledged_at: datetime | None = None
    region: str | None = None
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class WriteTotals:
    """The counts of sent and acknowledged writes, and the numbers of lost, duplicated, and diverged writes."""

    sent: int
    acknowledged: int
    lost: tuple[int, ...]
    duplicated: tuple[int, ...]
    diverged: tuple[int, ...]


@dataclass
class WriteLedger:
    """The numbered writes of all clients.

    `write_number` returns the number of the write that created a table item, or None for an item of another origin.
    """

    write_number: Callable[[Mapping[str, Any]], int | None]
    writes: dict[int, NumberedWrite] = field(default_factory=dict)

    def record_write(self, client: int, at: datetime) -> NumberedWrite:
        """Add a write of `client`, sent at `at`, and return it with the next number."""
        write = NumberedWrite(len(self.writes) + 1, client, at)
        self.writes[write.number] = write
        return write

    def compare_with_replicas(
        self, replicas: Mapping[str, Iterable[Mapping[str, Any]]], reachable: Iterable[str], settled_before: datetime
    ) -> WriteTotals:
        """Compare the writes with the items in the replicas. `replicas` maps each Region to its items.

        A write is lost if it was acknowledged and is in no reachable replica. A write is duplicated if a replica holds
        several items of it. A write has diverged if the reachable replicas hold different items of it. Writes after
        `settled_before` don't count as diverged, because they may not have been replicated yet.
        """
        items_by_region = {region: self._items_by_write(replicas[region]) for region in reachable}
        stored_numbers = {number for by_number in items_by_region.values() for number in by_number}
        acknowledged = [write.number for write in self.writes.values() if write.acknowledged_at is not None]
        return WriteTotals(
            sent=len(self.writes),
            acknowledged=len(acknowledged),
            lost=tuple(number for number in acknowledged if number not in stored_numbers),
            duplicated=tuple(
                sorted(
                    {
                        number
                        for by_number in items_by_region.values()
                        for number, items in by_number.items()
                        if len(items) > 1
                    }
                )
            ),
            diverged=tuple(
                sorted(
                    number
                    for number in stored_numbers
                    if len({_canonical_text(by_number.get(number)) for by_number in items_by_region.values()}) > 1
                    and self.writes[number].sent_at < settled_before
                    and (self.writes[number].acknowledged_at or settled_before) < settled_before
                )
            ),
        )

    def _items_by_write(self, items: Iterable[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
        items_by_number: dict[int, list[Mapping[str, Any]]] = {}
        for item in items:
            number = self.write_number(item)
            if number is not None:
                items_by_number.setdefault(number, []).append(item)
        return items_by_number

    def acknowledged_by_region(self) -> Counter[str]:
        """Return the number of writes that each Region acknowledged."""
        return Counter(write.region for write in self.writes.values() if write.region)


def _canonical_text(items: list[Mapping[str, Any]] | None) -> str:
    return repr(sorted(sorted(item.items(), key=str) for item in items)) if items else ""
