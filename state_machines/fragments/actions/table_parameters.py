"""A global table as the tasks are told of it."""

from __future__ import annotations

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components import GlobalTableComponent


def table_json(table: GlobalTableComponent) -> JsonObject:
    """Its name and its key."""
    return {"name": table.table, "partition": table.key.partition, "sort": table.key.sort}
