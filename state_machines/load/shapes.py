"""What a document may hold at a place: keys, words, kinds, a description. Read from the models' own JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from pydantic import BaseModel

from leeward.state_machines.load.nodes import Value
from leeward.state_machines.places import Loc

Schema: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """One place: the keys of a mapping, the words or kinds to choose from, what the field is for."""

    keys: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    description: str = ""


class Shapes:
    """The shapes of one document, whose `data` says of which kind each component or step is."""

    def __init__(self, model: type[BaseModel], data: Value) -> None:
        self._schema = schema_of(model)
        self._data = data

    def at(self, loc: Loc) -> Shape:
        """The shape of what stands, or should stand, at `loc`; an empty one where the models know nothing."""
        schema: Schema = self._schema
        here = self._data
        description = ""
        for part in loc:
            inside = self._resolve(schema, here)
            if isinstance(part, int):
                schema = inside.get("items", {})
                here = here[part] if isinstance(here, list) and part < len(here) else None
            else:
                schema = inside.get("properties", {}).get(part) or _of_any_key(inside)
                here = here.get(part) if isinstance(here, dict) else None
            description = str(schema.get("description", ""))
        kinds = tuple(_kinds(self._reference(schema)))
        found = self._resolve(schema, here)
        words = found.get("enum") or ([found["const"]] if "const" in found else [])
        return Shape(tuple(found.get("properties", {})), tuple(map(str, words)), kinds, description)

    def _resolve(self, schema: Schema, here: Value) -> Schema:
        """`schema` without references, and of alternatives the one that fits `here`."""
        schema = self._reference(schema)
        mapping = schema.get("discriminator", {}).get("mapping", {})
        if mapping:
            kind = here.get("kind") if isinstance(here, dict) else None
            return self._reference({"$ref": mapping[kind]}) if isinstance(kind, str) and kind in mapping else {}
        for option in schema.get("anyOf", ()):
            resolved = self._reference(option)
            if resolved.get("type") != "null" and isinstance(here, dict) == (resolved.get("type") == "object"):
                return resolved
        return schema

    def _reference(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            schema = self._schema["$defs"][name]
        return schema


@cache
def schema_of(model: type[BaseModel]) -> Schema:
    """The model's JSON Schema."""
    return model.model_json_schema()


def _of_any_key(schema: Schema) -> Schema:
    """What a mapping with keys of one's own holds at each."""
    for pattern in schema.get("patternProperties", {}).values():
        return dict(pattern)
    others = schema.get("additionalProperties")
    return others if isinstance(others, dict) else {}


def _kinds(schema: Schema) -> list[str]:
    return list(schema.get("discriminator", {}).get("mapping", {}))
