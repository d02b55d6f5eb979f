"""Writes carried to the other replicas. The last writer wins, by the time of the write; then by the Region's name.

DynamoDB Developer Guide, "Global tables: multi-active, multi-Region replication": asynchronous, typically within a
second; concurrent updates are settled by the last writer; conditional and transactional writes hold in the Region that
took them, and are not repeated by replication. What a Region that fails has not sent yet is sent when it returns.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from leeward.twin.aws.global_tables import capture, description, streams
from leeward.twin.aws.seam import Later

Stamp = tuple[datetime, int, str]
Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Write:
    """One write on its way. `item` is None for a deletion."""

    table: str
    key: Key
    item: Any
    stamp: Stamp

    @property
    def origin(self) -> str:
        """The Region that took it."""
        return self.stamp[2]


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A write that another Region's later one has replaced in `region`."""

    at: datetime
    region: str
    table: str
    key: Key
    by: str


class GlobalTables:
    """The tables with replicas of one account. `answers(region)` tells whether a Region can be reached."""

    def __init__(
        self, account: str, now: Callable[[], datetime], later: Later, answers: Callable[[str], bool], lag: float = 1.0
    ) -> None:
        """`lag` is how many seconds a write is on its way."""
        self._account, self._now, self._later, self._answers = account, now, later, answers
        self._regions: dict[str, tuple[str, ...]] = {}
        self._stamps: dict[tuple[str, str], dict[Key, Stamp]] = defaultdict(dict)
        self._waiting: dict[tuple[str, str], list[Write]] = defaultdict(list)
        self._arrivals: dict[tuple[int, str], datetime] = {}
        self._paused: set[str] = set()
        self._carrying = False
        self._streams: dict[str, list[Callable[[Mapping[str, Any]], None]]] = defaultdict(list)
        self._count = self._records = 0
        self._lag = self.slowest = lag
        self.overwritten: list[Overwritten] = []
        capture.listen(self._written)
        description.provide(self)

    @property
    def lag(self) -> float:
        """How many seconds a write that is made now is on its way."""
        return self._lag

    @lag.setter
    def lag(self, seconds: float) -> None:
        self._lag = seconds
        self.slowest = max(self.slowest, seconds) if self._count else seconds

    # -- which tables ------------------------------------------------------------------------------

    def join(self, table: str, regions: Iterable[str]) -> None:
        """`table`, which exists in each of `regions`, is one global table from now on; streams are turned on."""
        self._regions[table] = tuple(regions)
        for region in self._regions[table]:
            made = self._table(table, region)
            if made.stream_shard is None:
                made.set_stream_specification({"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})

    def leave(self, table: str, region: str) -> None:
        """The replica in `region` is no longer one; it and what it holds stay, until somebody deletes the table."""
        self._regions[table] = tuple(r for r in self.replicas(table) if r != region)

    def replicas(self, table: str) -> tuple[str, ...]:
        """The Regions that hold it; empty for a table that has no replicas."""
        return self._regions.get(table, ())

    # -- what can go wrong -------------------------------------------------------------------------

    def pause(self, table: str) -> None:
        """Nothing of `table` is carried until `resume`; each replica goes on by itself, and they diverge."""
        self._paused.add(table)

    def resume(self, table: str) -> None:
        """What has been written meanwhile is carried now."""
        self._paused.discard(table)
        self.deliver()

    def deliver(self) -> None:
        """Carry what waits and can be carried: a Region has come back, or replication goes on."""
        for (table, region), writes in list(self._waiting.items()):
            ready = [write for write in writes if self._open(table, write.origin, region)]
            self._waiting[table, region] = [write for write in writes if write not in ready]
            for write in ready:
                self._arrive(write, region)

    def on_the_way(self, table: str, region: str) -> int:
        """How many writes of `table` wait to be carried to `region`."""
        return len(self._waiting[table, region])

    def paused(self, table: str) -> bool:
        """Whether nothing of it is carried."""
        return table in self._paused

    # -- what is there -----------------------------------------------------------------------------

    def items(self, table: str, region: str) -> list[Mapping[str, Any]]:
        """Every item of one replica, as DynamoDB's attributes."""
        made = self._table(table, region)
        return [item.to_json()["Attributes"] for item in made.all_items()]

    def on_record(self, region: str, follow: Callable[[Mapping[str, Any]], None]) -> None:
        """Call `follow` with each record of the streams of the replicas in `region`, those of replicated writes
        included."""
        self._streams[region].append(follow)

    # -- the way of a write ------------------------------------------------------------------------

    def _written(self, table: Any, old: Any, new: Any) -> None:
        regions = self.replicas(table.name)
        if table.region_name in regions and self._streams[table.region_name]:
            made = streams.record(table, old, new, self._records)
            self._records += 1
            for follow in self._streams[table.region_name]:
                follow(made)
        if self._carrying or table.region_name not in regions:
            return
        item = new if new is not None else old
        key: Key = (item.hash_key.value, item.range_key.value if item.range_key else None)
        self._count += 1
        stamp: Stamp = (self._now(), self._count, table.region_name)
        self._stamps[table.name, table.region_name][key] = stamp
        write = Write(table.name, key, None if new is None else copy.deepcopy(new), stamp)
        for region in regions:
            if region != table.region_name:
                self._waiting[table.name, region].append(write)
                if self.lag > 0:
                    self._later(self.lag, partial(self._come, write, region), "replication")
                else:
                    self._come(write, region)

    def _come(self, write: Write, region: str) -> None:
        waiting = self._waiting[write.table, region]
        if write in waiting and self._open(write.table, write.origin, region):
            waiting.remove(write)
            self._arrive(write, region)

    def _open(self, table: str, origin: str, region: str) -> bool:
        return table not in self._paused and self._answers(origin) and self._answers(region)

    def _arrive(self, write: Write, region: str) -> None:
        stamps = self._stamps[write.table, region]
        here = stamps.get(write.key)
        if here is not None and _order(here) > _order(write.stamp):
            return
        if here is not None and here[2] == region and not self._seen(here, write):
            self.overwritten.append(Overwritten(self._now(), region, write.table, write.key, write.origin))
        stamps[write.key] = write.stamp
        self._arrivals[write.stamp[1], region] = self._now()
        self._carrying = True
        try:
            _put(self._table(write.table, region), write)
        finally:
            self._carrying = False

    def _seen(self, earlier: Stamp, later: Write) -> bool:
        """Had the earlier write arrived where the later one was made, when that was made?"""
        arrived = self._arrivals.get((earlier[1], later.origin))
        return arrived is not None and arrived <= later.stamp[0]

    def _table(self, name: str, region: str) -> Any:
        return dynamodb_backends[self._account][region].get_table(name)


def _order(stamp: Stamp) -> tuple[datetime, str, int]:
    at, count, region = stamp
    return at, region, count


def _put(table: Any, write: Write) -> None:
    from moto.dynamodb.models.dynamo_type import DynamoType  # noqa: PLC0415 - with the rest of moto's DynamoDB

    partition = DynamoType({table.hash_key_type: write.key[0]})
    sort = DynamoType({table.range_key_type: write.key[1]}) if write.key[1] is not None else None
    old = table.get_item(partition, sort)
    if write.item is None:
        table.delete_item(partition, sort)
        return
    item = copy.deepcopy(write.item)
    if sort is None:
        table.items[partition] = item
    else:
        table.items[partition][sort] = item
    table.stream_shard.add(old, item)
