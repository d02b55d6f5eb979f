"""Formats JSON for review: two spaces per level, and lists of plain values on one line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from leeward.state_machines.asl.serialization.json_types import Json


def to_json_text(value: Json) -> str:
    """Return `value` as JSON with a final newline. Equal values give equal bytes, and members keep their order."""
    return _render(value, "") + "\n"


def _render(value: Json, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, Mapping):
        members = [f"{inner}{_dump(key)}: {_render(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{indent}}}" if members else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(isinstance(item, str | int | float | None) for item in value):
            return "[" + ", ".join(_dump(item) for item in value) + "]"
        return "[\n" + ",\n".join(f"{inner}{_render(item, inner)}" for item in value) + f"\n{indent}]"
    return _dump(value)


def _dump(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
