"""Describe the fields of a kind's document model, as the author of a document writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from leeward.base import durations
from leeward.cli.rendering.text_format import to_one_line

_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


@dataclass(frozen=True, slots=True)
class DocumentField:
    """One field of a document. `default` is an empty string when a field is required, or when it has no default."""

    name: str
    type: str
    required: bool
    default: str
    description: str


def list_fields(document: type[BaseModel]) -> list[DocumentField]:
    """Return the fields except `kind`: the required ones first, and those that many kinds share last."""
    inherited = {name for base in document.__mro__[1:] if issubclass(base, BaseModel) for name in base.model_fields}
    fields = [field for field in _read_fields(document) if field.name != "kind"]
    return sorted(fields, key=lambda field: (not field.required, field.name in inherited))


def _read_fields(document: type[BaseModel]) -> Iterator[DocumentField]:
    schema = document.model_json_schema()
    for name, field in document.model_fields.items():
        key = field.alias or name
        member = schema["properties"][key]
        yield DocumentField(
            name=key,
            type=_describe_type(member, schema.get("$defs", {})),
            required=field.is_required(),
            default=_describe_default(field),
            description=to_one_line(member.get("description", "")),
        )


def _describe_type(member: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return a JSON Schema's type in a few words. A mapping with fixed keys lists them."""
    if "$ref" in member:
        return _describe_type(definitions[member["$ref"].rpartition("/")[2]], definitions)
    if "enum" in member or "const" in member:
        return ", ".join(str(value) for value in member.get("enum", [member.get("const")]))
    if "anyOf" in member:
        options = [option for option in member["anyOf"] if option.get("type") != "null"]
        return " or ".join(_describe_type(option, definitions) for option in options)
    if member.get("type") == "array":
        return f"list of {_describe_type(member['items'], definitions)}"
    if member.get("type") == "object":
        keys = ", ".join(member.get("properties", ()))
        return f"{{{keys}}}" if keys else "mapping"
    return _describe_scalar(member)


def _describe_scalar(member: Mapping[str, Any]) -> str:
    if member.get("type") in ("integer", "number") and {"minimum", "maximum"} <= member.keys():
        return f"{member['minimum']:g} to {member['maximum']:g}"
    if member.get("format") == "date-time":
        return "time"
    if member.get("examples"):
        return f"such as {member['examples'][0]}"
    return _WORDS.get(str(member.get("type")), "any value")


def _describe_default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    default = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, timedelta):
        return durations.format_duration(default)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list | tuple):
        return ", ".join(str(one) for one in default)
    if default is None or isinstance(default, Mapping | BaseModel):
        return ""
    return str(default.value if isinstance(default, Enum) else default)
