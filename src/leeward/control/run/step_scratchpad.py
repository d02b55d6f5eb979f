"""What a task leaves for its later self: one short text under a key, such as the id of a change that it waits for."""

from __future__ import annotations

from leeward.common.aws.state_table import ITEM_ABSENT, StateTable


def write_note(table: StateTable, run_id: str, key: str, text: str) -> None:
    """Leave a note, in place of an earlier one under the same key."""
    table.put({"pk": _partition_key(run_id), "sk": key, "text": text})


def write_note_once(table: StateTable, run_id: str, key: str, text: str) -> bool:
    """Leave a note where there is none under this key. False when there was."""
    return table.put({"pk": _partition_key(run_id), "sk": key, "text": text}, condition=ITEM_ABSENT)


def read_note(table: StateTable, run_id: str, key: str) -> str | None:
    """The note, or None."""
    item = table.get(_partition_key(run_id), key)
    return None if item is None else str(item["text"])


def _partition_key(run_id: str) -> str:
    return f"NOTE#{run_id}"
