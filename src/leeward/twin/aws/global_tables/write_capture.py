"""Sees every write of a table in moto, whichever operation made it, once it is committed.

moto tells a table's stream of each write (PutItem, UpdateItem, DeleteItem, batches, transactions, PartiQL), so the
stream is where to listen; a replica always has one. A transaction that is cancelled has told its stream too early: what
it told is kept back until the end.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import StreamShard, Table

from leeward.twin.aws.global_tables import query_index

# (table, the item before, the item after); one of the two may be None.
WriteListener = Callable[[Table, Any, Any], None]

_listener: WriteListener | None = None
_pending_writes: list[tuple[Table, Any, Any]] | None = None
_touched_keys: dict[str, list[dict[str, Any]]] = {}
_installed = False


def set_listener(listener: WriteListener | None) -> None:
    """Who is told of each write; None when the world ends."""
    global _listener  # noqa: PLW0603 - moto's tables know no world
    install()
    _listener = listener


def install() -> None:
    """Once per process; nothing happens until somebody listens."""
    global _installed  # noqa: PLW0603
    if _installed:
        return
    _installed = True
    add, transact = StreamShard.add, DynamoDBBackend.transact_write_items

    def told(self: Any, old: Any, new: Any) -> None:
        add(self, old, new)
        query_index.record_write(self.table, old, new)
        if _pending_writes is not None:
            _pending_writes.append((self.table, old, new))
        elif _listener is not None:
            _listener(self.table, old, new)

    def transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
        global _pending_writes  # noqa: PLW0603
        _pending_writes = []
        _touched_keys.clear()
        for item in transact_items:
            for operation in item.values():
                key = operation.get("Key") or operation.get("Item") or {}
                _touched_keys.setdefault(str(operation.get("TableName")), []).append(key)
        try:
            transact(self, transact_items)
            written = _pending_writes
        except BaseException:
            for name in _touched_keys:
                if name in self.tables:
                    query_index.discard_index(self.tables[name])
            raise
        finally:
            _pending_writes = None
            _touched_keys.clear()
        for table, old, new in written:
            if _listener is not None:
                _listener(table, old, new)

    query_index.install()
    StreamShard.add = told
    DynamoDBBackend.transact_write_items = transact_write_items
    Table.__deepcopy__ = _copy_for_rollback


def _copy_for_rollback(table: Any, memo: dict[int, Any]) -> Any:
    """What moto keeps to undo a cancelled transaction: a copy of the whole table, each time. Only the items that the
    transaction touches can change, so the rest is shared."""
    made = object.__new__(type(table))
    memo[id(table)] = made
    vars(made).update(vars(table))
    query_index.discard_index(made)
    made.items = copy.copy(table.items)
    if table.has_range_key:
        for partition in list(made.items):
            made.items[partition] = copy.copy(made.items[partition])
    for key in _touched_keys.get(table.name, []):
        _copy_item(made, key)
    shard = table.stream_shard
    if shard is not None:
        made.stream_shard = copy.copy(shard)
        made.stream_shard.items = list(shard.items)
        made.stream_shard.table = made
    return made


def _copy_item(table: Any, key: dict[str, Any]) -> None:
    from moto.dynamodb.models.dynamo_type import DynamoType  # noqa: PLC0415 - with the rest of moto's DynamoDB

    if table.hash_key_attr not in key:
        return
    partition = DynamoType(key[table.hash_key_attr])
    sort = DynamoType(key[table.range_key_attr]) if table.range_key_attr in key else None
    if sort is not None and sort in table.items.get(partition, {}):
        table.items[partition][sort] = copy.deepcopy(table.items[partition][sort])
    elif sort is None and partition in table.items and not table.has_range_key:
        table.items[partition] = copy.deepcopy(table.items[partition])
