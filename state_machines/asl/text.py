"""JSON text that reads well in a review: two spaces a level, and a list of plain values on one line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from leeward.state_machines.asl.json import Json


def to_text(value: Json) -> str:
    """`value` as JSON with a newline at its end. Equal values give equal bytes; members keep their order."""
    return _show(value, "") + "\n"


def _show(value: Json, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, Mapping):
        members = [f"{inner}{_plain(key)}: {_show(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{indent}}}" if members else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(isinstance(item, str | int | float | None) for item in value):
            return "[" + ", ".join(_plain(item) for item in value) + "]"
        return "[\n" + ",\n".join(f"{inner}{_show(item, inner)}" for item in value) + f"\n{indent}]"
    return _plain(value)


def _plain(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
