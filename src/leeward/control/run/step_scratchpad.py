"""Notes that a task stores between its calls: one short text under a key, such as the id of a pending change."""

from __future__ import annotations

from leeward.common.aws.tables.state_table import ITEM_ABSENT, StateTable


def write_note(table: StateTable, run_id: str, key: str, text: str) -> None:
    """Store a note and replace an earlier one under the same key."""
    table.put({"pk": _partition_key(run_id), "sk": key, "text": text})


def write_note_once(table: StateTable, run_id: str, key: str, text: str) -> bool:
    """Store a note unless one exists under this key. Return False if it exists."""
    return table.put({"pk": _partition_key(run_id), "sk": key, "text": text}, condition=ITEM_ABSENT)


def read_note(table: StateTable, run_id: str, key: str) -> str | None:
    """Return the note, or None."""
    item = table.get(_partition_key(run_id), key)
    return None if item is None else str(item["text"])


def _partition_key(run_id: str) -> str:
    return f"NOTE#{run_id}"
