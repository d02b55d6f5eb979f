"""Replication of writes between the replicas of a DynamoDB global table.

The last writer wins. The write with the later time wins, and the Region name decides between equal times.

Source: DynamoDB Developer Guide, "Global tables: multi-active, multi-Region replication". Replication is asynchronous
and typically takes less than a second. The last writer wins between concurrent updates. Conditions and transactions
apply only in the Region that receives the write: replication doesn't repeat them. When a Region fails, its pending
writes are sent after it recovers.
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
    """One write that is replicated to other Regions. `item` is None for a deletion."""

    table: str
    key: ItemKey
    item: Any
    stamp: WriteStamp

    @property
    def origin(self) -> str:
        """Return the Region that received the write."""
        return self.stamp[2]

    @property
    def number(self) -> int:
        """Return the write's number, which is unique in the account."""
        return self.stamp[1]


@dataclass(frozen=True, slots=True)
class OverwrittenWrite:
    """A write in `region` that was replaced by a later write from Region `by`."""

    at: datetime
    region: str
    table: str
    key: ItemKey
    by: str


class GlobalTables:
    """The global tables of one account. `is_reachable(region)` returns whether a Region can be reached."""

    def __init__(
        self,
        account: str,
        now: Callable[[], datetime],
        call_later: CallLater,
        is_reachable: Callable[[str], bool],
        lag: float = 1.0,
    ) -> None:
        """Start replication. `lag` is the replication delay of a write, in seconds."""
        self._account, self._now, self._call_later, self._is_reachable = account, now, call_later, is_reachable
        self._regions: dict[str, tuple[str, ...]] = {}
        self._stamps: dict[tuple[str, str], dict[ItemKey, WriteStamp]] = defaultdict(dict)
        # The pending writes of each table and Region, by number. A Region outage can leave thousands.
        self._waiting: dict[tuple[str, str], dict[int, ReplicatedWrite]] = defaultdict(dict)
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
        """Return the replication delay of a write that is made now, in seconds."""
        return self._lag

    @lag.setter
    def lag(self, seconds: float) -> None:
        self._lag = seconds
        self.slowest_lag = max(self.slowest_lag, seconds) if self._count else seconds

    # -- replicas ----------------------------------------------------------------------------------

    def set_replica_regions(self, table: str, regions: Iterable[str]) -> None:
        """Make `table`, which exists in each of `regions`, a global table. Streams are enabled on each replica."""
        self._regions[table] = tuple(regions)
        for region in self._regions[table]:
            replica = self._table(table, region)
            if replica.stream_shard is None:
                replica.set_stream_specification({"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})

    def remove_replica(self, table: str, region: str) -> None:
        """Stop replicating to and from `region`. Its table and items remain until the table is deleted."""
        self._regions[table] = tuple(r for r in self.replicas(table) if r != region)

    def replicas(self, table: str) -> tuple[str, ...]:
        """Return the Regions that have a replica, or an empty tuple if the table isn't a global table."""
        return self._regions.get(table, ())

    # -- faults ------------------------------------------------------------------------------------

    def pause(self, table: str) -> None:
        """Stop replication of `table` until `resume`. Each replica still accepts writes, so they diverge."""
        self._paused.add(table)

    def resume(self, table: str) -> None:
        """Resume replication of `table` and deliver the pending writes."""
        self._paused.discard(table)
        self.deliver_pending()

    def deliver_pending(self) -> None:
        """Deliver all pending writes that can be delivered, after a Region recovers or replication resumes."""
        for (table, region), writes in list(self._waiting.items()):
            for write in [each for each in writes.values() if self._can_deliver(table, each.origin, region)]:
                del writes[write.number]
                self._apply_write(write, region)

    def count_pending(self, table: str, region: str) -> int:
        """Return the number of writes to `table` that are not yet replicated to `region`."""
        return len(self._waiting[table, region])

    def oldest_pending(self, table: str, region: str) -> datetime | None:
        """Return when the oldest write was made that is not yet replicated to `region`, or None if all are."""
        return min((write.stamp[0] for write in self._waiting[table, region].values()), default=None)

    def is_paused(self, table: str) -> bool:
        """Return whether replication of the table is paused."""
        return table in self._paused

    # -- contents ----------------------------------------------------------------------------------

    def list_items(self, table: str, region: str) -> list[Mapping[str, Any]]:
        """Return all items of one replica, as DynamoDB attributes."""
        replica = self._table(table, region)
        return [item.to_json()["Attributes"] for item in replica.all_items()]

    def on_stream_record(self, region: str, callback: Callable[[Mapping[str, Any]], None]) -> None:
        """Call `callback` with each stream record of the replicas in `region`, including replicated writes."""
        self._streams[region].append(callback)

    # -- replication -------------------------------------------------------------------------------

    def _on_write(self, table: Any, old: Any, new: Any) -> None:
        regions = self.replicas(table.name)
        if table.region_name in regions and self._streams[table.region_name]:
            record = stream_records.make_stream_record(table, old, new, self._records)
            self._records += 1
            for callback in self._streams[table.region_name]:
                callback(record)
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
                self._waiting[table.name, region][write.number] = write
                if self.lag > 0:
                    self._call_later(self.lag, partial(self._deliver_if_reachable, write, region), "replication")
                else:
                    self._deliver_if_reachable(write, region)

    def _deliver_if_reachable(self, write: ReplicatedWrite, region: str) -> None:
        waiting = self._waiting[write.table, region]
        if write.number in waiting and self._can_deliver(write.table, write.origin, region):
            del waiting[write.number]
            self._apply_write(write, region)

    def _can_deliver(self, table: str, origin: str, region: str) -> bool:
        return table not in self._paused and self._is_reachable(origin) and self._is_reachable(region)

    def _apply_write(self, write: ReplicatedWrite, region: str) -> None:
        stamps = self._stamps[write.table, region]
        current = stamps.get(write.key)
        if current is not None and _stamp_order(current) > _stamp_order(write.stamp):
            return
        if current is not None and current[2] == region and not self._was_visible(current, write):
            self.overwritten.append(OverwrittenWrite(self._now(), region, write.table, write.key, write.origin))
        stamps[write.key] = write.stamp
        self._arrivals[write.stamp[1], region] = self._now()
        self._is_applying = True
        try:
            _put_item(self._table(write.table, region), write)
        finally:
            self._is_applying = False

    def _was_visible(self, earlier: WriteStamp, later: ReplicatedWrite) -> bool:
        """Return whether the earlier write had reached the later write's Region before the later write was made."""
        arrived = self._arrivals.get((earlier[1], later.origin))
        return arrived is not None and arrived <= later.stamp[0]

    def _table(self, name: str, region: str) -> Any:
        return dynamodb_backends[self._account][region].get_table(name)


def _stamp_order(stamp: WriteStamp) -> tuple[datetime, str, int]:
    at, count, region = stamp
    return at, region, count


def _put_item(table: Any, write: ReplicatedWrite) -> None:
    from moto.dynamodb.models.dynamo_type import DynamoType  # noqa: PLC0415 - loaded only with moto's DynamoDB

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
