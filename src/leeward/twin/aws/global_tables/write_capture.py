"""Reports each committed write to a DynamoDB table in moto, for every write operation.

moto adds each write to the table's stream (PutItem, UpdateItem, DeleteItem, batches, transactions, PartiQL), so this
module listens to the stream. A replica always has a stream. moto adds the writes of a transaction to the stream before
it knows whether the transaction is canceled, so this module buffers them until the transaction commits.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import StreamShard, Table

from leeward.twin.aws.global_tables import query_index
from leeward.twin.patching.attribute_replacement import add_attribute, replace_attribute

# Arguments: table, old item, new item. The old or the new item can be None.
WriteListener = Callable[[Table, Any, Any], None]

_listener: WriteListener | None = None
_pending_writes: list[tuple[Table, Any, Any]] | None = None
_touched_keys: dict[str, list[dict[str, Any]]] = {}


def set_listener(listener: WriteListener | None) -> None:
    """Set the function that is called after each write. None removes the listener."""
    global _listener  # noqa: PLW0603 - moto's tables have no reference to a simulation
    _listener = listener


def report_writes() -> None:
    """Report each write to the listener, if one is set. moto has no notification of a table's writes."""

    def add_and_notify(self: Any, old: Any, new: Any) -> None:
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

    add = replace_attribute(StreamShard, "add", add_and_notify)
    transact = replace_attribute(DynamoDBBackend, "transact_write_items", transact_write_items)


def copy_touched_items() -> None:
    """Copy only what a transaction touches, to roll it back. Unpatched moto copies each table with all its items."""
    add_attribute(Table, "__deepcopy__", _copy_for_rollback)


def _copy_for_rollback(table: Any, memo: dict[int, Any]) -> Any:
    """Return the copy of a table that moto keeps to roll back a canceled transaction.

    moto deep-copies the whole table for each transaction. Only the items that the transaction touches can change, so
    this copy shares all others.
    """
    table_copy = object.__new__(type(table))
    memo[id(table)] = table_copy
    vars(table_copy).update(vars(table))
    query_index.discard_index(table_copy)
    table_copy.items = copy.copy(table.items)
    if table.has_range_key:
        for partition in list(table_copy.items):
            table_copy.items[partition] = copy.copy(table_copy.items[partition])
    for key in _touched_keys.get(table.name, []):
        _copy_item(table_copy, key)
    shard = table.stream_shard
    if shard is not None:
        table_copy.stream_shard = copy.copy(shard)
        table_copy.stream_shard.items = list(shard.items)
        table_copy.stream_shard.table = table_copy
    return table_copy


def _copy_item(table: Any, key: dict[str, Any]) -> None:
    from moto.dynamodb.models.dynamo_type import DynamoType  # noqa: PLC0415 - loaded only with moto's DynamoDB

    if table.hash_key_attr not in key:
        return
    partition = DynamoType(key[table.hash_key_attr])
    sort = DynamoType(key[table.range_key_attr]) if table.range_key_attr in key else None
    if sort is not None and sort in table.items.get(partition, {}):
        table.items[partition][sort] = copy.deepcopy(table.items[partition][sort])
    elif sort is None and partition in table.items and not table.has_range_key:
        table.items[partition] = copy.deepcopy(table.items[partition])
