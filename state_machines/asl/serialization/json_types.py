"""Python types for JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = "dict[str, Json]"


def drop_empty(members: Mapping[str, Json]) -> JsonObject:
    """Return the members without those whose value is "". A state has no member for an empty optional text."""
    return {key: value for key, value in members.items() if value != ""}
