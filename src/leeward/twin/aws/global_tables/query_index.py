"""Hash-key indexes that speed up DynamoDB Query in moto.

moto scans and sorts the whole table for each Query. With thousands of items, these scans take most of a rehearsal's
time.
"""

from __future__ import annotations

from inspect import signature
from typing import Any

from moto.dynamodb.models.table import Table

from leeward.twin.patching.attribute_replacement import replace_attribute

# Maps attribute name -> attribute value -> item key -> item. Stored on the table, and discarded when it may be stale.
_INDEX_ATTRIBUTE = "twin_indexes"
Indexes = dict[str, dict[str, dict[tuple[str, str | None], Any]]]


def query_by_index() -> None:
    """Query the items of one hash key only. Unpatched moto scans and sorts the whole table for each query."""
    parameters = signature(Table.query)

    def indexed_query(self: Any, *args: Any, **kwargs: Any) -> Any:
        arguments = parameters.bind(self, *args, **kwargs).arguments
        hash_key, index_name = arguments.get("hash_key"), arguments.get("index_name")
        attribute = _hash_attribute(self, index_name) if index_name and self.stream_shard is not None else None
        if hash_key is None or (attribute is None if index_name else not self.range_key_attr):
            return query(self, *args, **kwargs)
        by_key = _get_index(self, attribute).get(hash_key.value, {}) if attribute else self.items.get(hash_key, {})
        matches = list(by_key.values())
        self.all_items = lambda: matches
        try:
            return query(self, *args, **kwargs)
        finally:
            del self.all_items

    query = replace_attribute(Table, "query", indexed_query)


def record_write(table: Any, old: Any, new: Any) -> None:
    """Update the table's indexes after a write that its stream reported."""
    for attribute, by_value in vars(table).get(_INDEX_ATTRIBUTE, {}).items():
        for item in (old, new):
            value = item.attrs.get(attribute) if item is not None else None
            if value is not None:
                by_value.setdefault(value.value, {}).pop(_item_key(item), None)
        value = new.attrs.get(attribute) if new is not None else None
        if value is not None:
            by_value.setdefault(value.value, {})[_item_key(new)] = new


def discard_index(table: Any) -> None:
    """Discard the table's indexes, which may be stale. The next query rebuilds them."""
    vars(table).pop(_INDEX_ATTRIBUTE, None)


def _hash_attribute(table: Any, index_name: str) -> str | None:
    index = next((i for i in table.global_indexes if i.name == index_name), None)
    if index is None:
        return None
    keys = [key["AttributeName"] for key in index.schema if key["KeyType"] == "HASH"]
    return keys[0] if len(keys) == 1 else None


def _get_index(table: Any, attribute: str) -> dict[str, dict[tuple[str, str | None], Any]]:
    indexes: Indexes = vars(table).setdefault(_INDEX_ATTRIBUTE, {})
    if attribute not in indexes:
        index = indexes[attribute] = {}
        for item in Table.all_items(table):
            value = item.attrs.get(attribute)
            if value is not None:
                index.setdefault(value.value, {})[_item_key(item)] = item
    return indexes[attribute]


def _item_key(item: Any) -> tuple[str, str | None]:
    return item.hash_key.value, item.range_key.value if item.range_key else None
