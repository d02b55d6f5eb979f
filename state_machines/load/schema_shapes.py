"""What a document may hold at a place: keys, words, kinds, a description. Read from the models' own JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from pydantic import BaseModel

from leeward.state_machines.diagnostics.document_locations import DocumentPath
from leeward.state_machines.load.yaml_parser.yaml_nodes import YamlValue

JsonSchema: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One place: the keys of a mapping, the words or kinds to choose from, what the field is for."""

    keys: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    description: str = ""


class DocumentShapes:
    """The shapes of one document, whose `data` says of which kind each component or step is."""

    def __init__(self, model: type[BaseModel], data: YamlValue) -> None:
        self._schema = get_schema(model)
        self._data = data

    def shape_at(self, loc: DocumentPath) -> FieldShape:
        """The shape of what stands, or should stand, at `loc`; an empty one where the models know nothing."""
        schema: JsonSchema = self._schema
        here = self._data
        description = ""
        for part in loc:
            inside = self._resolve(schema, here)
            if isinstance(part, int):
                schema = inside.get("items", {})
                here = here[part] if isinstance(here, list) and part < len(here) else None
            else:
                schema = inside.get("properties", {}).get(part) or _schema_of_any_key(inside)
                here = here.get(part) if isinstance(here, dict) else None
            description = str(schema.get("description", ""))
        kinds = tuple(_kinds(self._dereference(schema)))
        found = self._resolve(schema, here)
        words = found.get("enum") or ([found["const"]] if "const" in found else [])
        return FieldShape(tuple(found.get("properties", {})), tuple(map(str, words)), kinds, description)

    def _resolve(self, schema: JsonSchema, here: YamlValue) -> JsonSchema:
        """`schema` without references, and of alternatives the one that fits `here`."""
        schema = self._dereference(schema)
        mapping = schema.get("discriminator", {}).get("mapping", {})
        if mapping:
            kind = here.get("kind") if isinstance(here, dict) else None
            return self._dereference({"$ref": mapping[kind]}) if isinstance(kind, str) and kind in mapping else {}
        for option in schema.get("anyOf", ()):
            resolved = self._dereference(option)
            if resolved.get("type") != "null" and isinstance(here, dict) == (resolved.get("type") == "object"):
                return resolved
        return schema

    def _dereference(self, schema: JsonSchema) -> JsonSchema:
        while "$ref" in schema:
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            schema = self._schema["$defs"][name]
        return schema


@cache
def get_schema(model: type[BaseModel]) -> JsonSchema:
    """The model's JSON Schema."""
    return model.model_json_schema()


def _schema_of_any_key(schema: JsonSchema) -> JsonSchema:
    """What a mapping with keys of one's own holds at each."""
    for pattern in schema.get("patternProperties", {}).values():
        return dict(pattern)
    others = schema.get("additionalProperties")
    return others if isinstance(others, dict) else {}


def _kinds(schema: JsonSchema) -> list[str]:
    return list(schema.get("discriminator", {}).get("mapping", {}))
