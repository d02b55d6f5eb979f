"""A global table as task parameters."""

from __future__ import annotations

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent


def table_json(table: GlobalTableComponent) -> JsonObject:
    """Return the table's name and its key."""
    return {"name": table.table, "partition": table.key.partition, "sort": table.key.sort}
