"""Finding things in templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def resources_of_type(template: Mapping[str, Any], kind: str) -> dict[str, Mapping[str, Any]]:
    """Logical id -> properties, of every resource of one type."""
    return {name: r.get("Properties", {}) for name, r in template["Resources"].items() if r["Type"] == kind}


def all_texts(value: Any) -> Iterator[str]:
    """Every text in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from all_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from all_texts(inner)


def resolved_definition(template: Mapping[str, Any], machine: Mapping[str, Any]) -> str:
    """A state machine's definition with its placeholders filled in by the deployed functions' names."""
    text: str = machine["DefinitionString"]
    for place, value in machine.get("DefinitionSubstitutions", {}).items():
        text = text.replace(f"${{{place}}}", function_name_of(template, value))
    return text


def function_name_of(template: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    """The name of the function that a reference to one of its versions means."""
    version = template["Resources"][value["Ref"]]
    assert version["Type"] == "AWS::Lambda::Version"
    name: str = template["Resources"][version["Properties"]["FunctionName"]["Ref"]]["Properties"]["FunctionName"]
    return name
