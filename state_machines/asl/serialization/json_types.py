"""JSON as Python types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = "dict[str, Json]"


def drop_empty(members: Mapping[str, Json]) -> JsonObject:
    """The members that say something: drops "", so that an optional text is left out of the state."""
    return {key: value for key, value in members.items() if value != ""}
