"""Keys that are looked up, not searched. moto goes through the whole table, and sorts it, for each Query: with
thousands of items that is most of a rehearsal's time."""

from __future__ import annotations

from inspect import signature
from typing import Any

from moto.dynamodb.models.table import Table

# Attribute to its value to the items that have it, by key; kept on the table, and forgotten where it might be wrong.
_INDEX_ATTRIBUTE = "twin_indexes"
Indexes = dict[str, dict[str, dict[tuple[str, str | None], Any]]]


def install() -> None:
    """Once per process."""
    query = Table.query
    parameters = signature(query)

    def looked_up(self: Any, *given: Any, **named: Any) -> Any:
        asked = parameters.bind(self, *given, **named).arguments
        hash_key, index_name = asked.get("hash_key"), asked.get("index_name")
        attribute = _hash_attribute(self, index_name) if index_name and self.stream_shard is not None else None
        if hash_key is None or (attribute is None if index_name else not self.range_key_attr):
            return query(self, *given, **named)
        under = _get_index(self, attribute).get(hash_key.value, {}) if attribute else self.items.get(hash_key, {})
        matches = list(under.values())
        self.all_items = lambda: matches
        try:
            return query(self, *given, **named)
        finally:
            del self.all_items

    Table.query = looked_up


def record_write(table: Any, old: Any, new: Any) -> None:
    """A write, told by the table's stream."""
    for attribute, by_value in vars(table).get(_INDEX_ATTRIBUTE, {}).items():
        for item in (old, new):
            value = item.attrs.get(attribute) if item is not None else None
            if value is not None:
                by_value.setdefault(value.value, {}).pop(_item_key(item), None)
        value = new.attrs.get(attribute) if new is not None else None
        if value is not None:
            by_value.setdefault(value.value, {})[_item_key(new)] = new


def discard_index(table: Any) -> None:
    """What is known is no longer sure; it is found out anew."""
    vars(table).pop(_INDEX_ATTRIBUTE, None)


def _hash_attribute(table: Any, index_name: str) -> str | None:
    index = next((i for i in table.global_indexes if i.name == index_name), None)
    if index is None:
        return None
    keys = [key["AttributeName"] for key in index.schema if key["KeyType"] == "HASH"]
    return keys[0] if len(keys) == 1 else None


def _get_index(table: Any, attribute: str) -> dict[str, dict[tuple[str, str | None], Any]]:
    kept: Indexes = vars(table).setdefault(_INDEX_ATTRIBUTE, {})
    if attribute not in kept:
        found = kept[attribute] = {}
        for item in Table.all_items(table):
            value = item.attrs.get(attribute)
            if value is not None:
                found.setdefault(value.value, {})[_item_key(item)] = item
    return kept[attribute]


def _item_key(item: Any) -> tuple[str, str | None]:
    return item.hash_key.value, item.range_key.value if item.range_key else None
