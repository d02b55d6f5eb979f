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

from leeward.twin.aws.global_tables import replica_description, stream_records, write_capture
from leeward.twin.aws.service_framework.backend_hooks import CallLater

WriteStamp = tuple[datetime, int, str]
ItemKey = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class ReplicatedWrite:
    """One write on its way. `item` is None for a deletion."""

    table: str
    key: ItemKey
    item: Any
    stamp: WriteStamp

    @property
    def origin(self) -> str:
        """The Region that took it."""
        return self.stamp[2]


@dataclass(frozen=True, slots=True)
class OverwrittenWrite:
    """A write that another Region's later one has replaced in `region`."""

    at: datetime
    region: str
    table: str
    key: ItemKey
    by: str


class GlobalTables:
    """The tables with replicas of one account. `answers(region)` tells whether a Region can be reached."""

    def __init__(
        self,
        account: str,
        now: Callable[[], datetime],
        call_later: CallLater,
        is_reachable: Callable[[str], bool],
        lag: float = 1.0,
    ) -> None:
        """`lag` is how many seconds a write is on its way."""
        self._account, self._now, self._call_later, self._is_reachable = account, now, call_later, is_reachable
        self._regions: dict[str, tuple[str, ...]] = {}
        self._stamps: dict[tuple[str, str], dict[ItemKey, WriteStamp]] = defaultdict(dict)
        self._waiting: dict[tuple[str, str], list[ReplicatedWrite]] = defaultdict(list)
        self._arrivals: dict[tuple[int, str], datetime] = {}
        self._paused: set[str] = set()
        self._is_applying = False
        self._streams: dict[str, list[Callable[[Mapping[str, Any]], None]]] = defaultdict(list)
        self._count = self._records = 0
        self._lag = self.slowest_lag = lag
        self.overwritten: list[OverwrittenWrite] = []
        write_capture.set_listener(self._on_write)
        replica_description.set_registry(self)

    @property
    def lag(self) -> float:
        """How many seconds a write that is made now is on its way."""
        return self._lag

    @lag.setter
    def lag(self, seconds: float) -> None:
        self._lag = seconds
        self.slowest_lag = max(self.slowest_lag, seconds) if self._count else seconds

    # -- which tables ------------------------------------------------------------------------------

    def set_replica_regions(self, table: str, regions: Iterable[str]) -> None:
        """`table`, which exists in each of `regions`, is one global table from now on; streams are turned on."""
        self._regions[table] = tuple(regions)
        for region in self._regions[table]:
            made = self._table(table, region)
            if made.stream_shard is None:
                made.set_stream_specification({"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})

    def remove_replica(self, table: str, region: str) -> None:
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
        self.deliver_pending()

    def deliver_pending(self) -> None:
        """Carry what waits and can be carried: a Region has come back, or replication goes on."""
        for (table, region), writes in list(self._waiting.items()):
            ready = [write for write in writes if self._can_deliver(table, write.origin, region)]
            self._waiting[table, region] = [write for write in writes if write not in ready]
            for write in ready:
                self._apply_write(write, region)

    def count_pending(self, table: str, region: str) -> int:
        """How many writes of `table` wait to be carried to `region`."""
        return len(self._waiting[table, region])

    def is_paused(self, table: str) -> bool:
        """Whether nothing of it is carried."""
        return table in self._paused

    # -- what is there -----------------------------------------------------------------------------

    def list_items(self, table: str, region: str) -> list[Mapping[str, Any]]:
        """Every item of one replica, as DynamoDB's attributes."""
        made = self._table(table, region)
        return [item.to_json()["Attributes"] for item in made.all_items()]

    def on_stream_record(self, region: str, callback: Callable[[Mapping[str, Any]], None]) -> None:
        """Call `follow` with each record of the streams of the replicas in `region`, those of replicated writes
        included."""
        self._streams[region].append(callback)

    # -- the way of a write ------------------------------------------------------------------------

    def _on_write(self, table: Any, old: Any, new: Any) -> None:
        regions = self.replicas(table.name)
        if table.region_name in regions and self._streams[table.region_name]:
            made = stream_records.make_stream_record(table, old, new, self._records)
            self._records += 1
            for follow in self._streams[table.region_name]:
                follow(made)
        if self._is_applying or table.region_name not in regions:
            return
        item = new if new is not None else old
        key: ItemKey = (item.hash_key.value, item.range_key.value if item.range_key else None)
        self._count += 1
        stamp: WriteStamp = (self._now(), self._count, table.region_name)
        self._stamps[table.name, table.region_name][key] = stamp
        write = ReplicatedWrite(table.name, key, None if new is None else copy.deepcopy(new), stamp)
        for region in regions:
            if region != table.region_name:
                self._waiting[table.name, region].append(write)
                if self.lag > 0:
                    self._call_later(self.lag, partial(self._deliver_if_reachable, write, region), "replication")
                else:
                    self._deliver_if_reachable(write, region)

    def _deliver_if_reachable(self, write: ReplicatedWrite, region: str) -> None:
        waiting = self._waiting[write.table, region]
        if write in waiting and self._can_deliver(write.table, write.origin, region):
            waiting.remove(write)
            self._apply_write(write, region)

    def _can_deliver(self, table: str, origin: str, region: str) -> bool:
        return table not in self._paused and self._is_reachable(origin) and self._is_reachable(region)

    def _apply_write(self, write: ReplicatedWrite, region: str) -> None:
        stamps = self._stamps[write.table, region]
        here = stamps.get(write.key)
        if here is not None and _stamp_order(here) > _stamp_order(write.stamp):
            return
        if here is not None and here[2] == region and not self._was_visible(here, write):
            self.overwritten.append(OverwrittenWrite(self._now(), region, write.table, write.key, write.origin))
        stamps[write.key] = write.stamp
        self._arrivals[write.stamp[1], region] = self._now()
        self._is_applying = True
        try:
            _put_item(self._table(write.table, region), write)
        finally:
            self._is_applying = False

    def _was_visible(self, earlier: WriteStamp, later: ReplicatedWrite) -> bool:
        """Had the earlier write arrived where the later one was made, when that was made?"""
        arrived = self._arrivals.get((earlier[1], later.origin))
        return arrived is not None and arrived <= later.stamp[0]

    def _table(self, name: str, region: str) -> Any:
        return dynamodb_backends[self._account][region].get_table(name)


def _stamp_order(stamp: WriteStamp) -> tuple[datetime, str, int]:
    at, count, region = stamp
    return at, region, count


def _put_item(table: Any, write: ReplicatedWrite) -> None:
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
