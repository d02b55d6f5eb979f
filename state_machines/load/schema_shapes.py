"""What a document may contain at a location (keys, words, kinds, and a description), from the models' JSON Schema."""

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
    """A location's valid keys, words, or kinds, and the field's description."""

    keys: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    description: str = ""


class DocumentShapes:
    """The shapes of one document. Its `data` determines the kind of each component or step."""

    def __init__(self, model: type[BaseModel], data: YamlValue) -> None:
        self._schema = get_schema(model)
        self._data = data

    def shape_at(self, loc: DocumentPath) -> FieldShape:
        """Return the shape of the value at `loc`, which may be missing. Returns an empty shape for a location that the
        models don't have.
        """
        schema: JsonSchema = self._schema
        value = self._data
        description = ""
        for part in loc:
            container = self._resolve(schema, value)
            if isinstance(part, int):
                schema = container.get("items", {})
                value = value[part] if isinstance(value, list) and part < len(value) else None
            else:
                schema = container.get("properties", {}).get(part) or _schema_of_any_key(container)
                value = value.get(part) if isinstance(value, dict) else None
            description = str(schema.get("description", ""))
        kinds = tuple(_kinds(self._dereference(schema)))
        resolved = self._resolve(schema, value)
        words = resolved.get("enum") or ([resolved["const"]] if "const" in resolved else [])
        return FieldShape(tuple(resolved.get("properties", {})), tuple(map(str, words)), kinds, description)

    def _resolve(self, schema: JsonSchema, value: YamlValue) -> JsonSchema:
        """Return `schema` without references. Of several alternatives, return the one that matches `value`."""
        schema = self._dereference(schema)
        mapping = schema.get("discriminator", {}).get("mapping", {})
        if mapping:
            kind = value.get("kind") if isinstance(value, dict) else None
            return self._dereference({"$ref": mapping[kind]}) if isinstance(kind, str) and kind in mapping else {}
        for option in schema.get("anyOf", ()):
            resolved = self._dereference(option)
            if resolved.get("type") != "null" and isinstance(value, dict) == (resolved.get("type") == "object"):
                return resolved
        return schema

    def _dereference(self, schema: JsonSchema) -> JsonSchema:
        while "$ref" in schema:
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            schema = self._schema["$defs"][name]
        return schema


@cache
def get_schema(model: type[BaseModel]) -> JsonSchema:
    """Return the model's JSON Schema."""
    return model.model_json_schema()


def _schema_of_any_key(schema: JsonSchema) -> JsonSchema:
    """Return the schema of the values in a mapping whose keys are free."""
    for pattern in schema.get("patternProperties", {}).values():
        return dict(pattern)
    others = schema.get("additionalProperties")
    return others if isinstance(others, dict) else {}


def _kinds(schema: JsonSchema) -> list[str]:
    return list(schema.get("discriminator", {}).get("mapping", {}))
