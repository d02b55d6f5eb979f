"""Validation of requests and responses of the simulated services against botocore shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

_NUMBERS = {"integer", "long", "float", "double"}


def find_violations(shape: Shape | None, value: object, path: str = "") -> list[str]:
    """Return one text for each part of `value` that the model doesn't allow, with its path. Empty if `value` is valid.

    Checks for unknown members, missing required members, wrong types, enum values, patterns, lengths, and ranges.
    """
    if shape is None:
        return [f"{path or 'response'}: the operation has no output"] if value else []
    return list(_check_shape(shape, value, path))


def _check_shape(shape: Shape, value: object, path: str) -> Iterator[str]:
    where = path or shape.name
    if isinstance(shape, StructureShape):
        yield from _check_structure(shape, value, where)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield f"{where}: expected a list, got {value!r}"
            return
        yield from _check_length(shape, len(value), where)
        for index, item in enumerate(value):
            yield from _check_shape(shape.member, item, f"{where}[{index}]")
    elif isinstance(shape, MapShape):
        if not isinstance(value, Mapping):
            yield f"{where}: expected a map, got {value!r}"
            return
        for key, item in value.items():
            yield from _check_shape(shape.key, key, f"{where} key")
            yield from _check_shape(shape.value, item, f"{where}.{key}")
    else:
        yield from _check_scalar(shape, value, where)


def _check_structure(shape: StructureShape, value: object, where: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{where}: expected a structure, got {value!r}"
        return
    for name in shape.required_members:
        if name not in value:
            yield f"{where}.{name}: required, but missing"
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            yield f"{where}.{name}: the model has no such member"
        else:
            yield from _check_shape(member, item, f"{where}.{name}")


def _check_scalar(shape: Shape, value: object, where: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "string":
        yield from _check_string(shape, value, where)
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{where}: expected a boolean, got {value!r}"
    elif kind in _NUMBERS:
        whole = kind in ("integer", "long")
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            yield f"{where}: expected {kind}, got {value!r}"
        else:
            yield from _check_length(shape, value, where)
    elif kind == "timestamp":
        if not isinstance(value, datetime):
            yield f"{where}: expected a datetime, got {value!r}"
    else:
        yield f"{where}: validation of shapes of type {kind} is not implemented"


def _check_string(shape: Shape, value: object, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where}: expected a string, got {value!r}"
        return
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{where}: {value!r} is not one of {', '.join(shape.enum)}"
    yield from _check_length(shape, len(value), where)
    pattern = shape.metadata.get("pattern")
    # A minimum length of 0 with a pattern that rejects an empty string means that an empty string unsets the value.
    may_be_empty = not value and shape.metadata.get("min") == 0
    if pattern and not may_be_empty and not _compile_pattern(pattern).fullmatch(value):
        yield f"{where}: {value!r} does not match {pattern}"


def _check_length(shape: Shape, size: Any, where: str) -> Iterator[str]:
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and size < minimum:
        yield f"{where}: {size} is below the minimum, {minimum}"
    if maximum is not None and size > maximum:
        yield f"{where}: {size} is above the maximum, {maximum}"


@lru_cache(maxsize=512)
def _compile_pattern(pattern: str) -> re.Pattern[str]:
    # AWS writes its patterns for Java. The escapes that they use have the same meaning in `re`.
    return re.compile(pattern.removeprefix("^").removesuffix("$"))
