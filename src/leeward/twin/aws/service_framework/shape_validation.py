"""Does a value fit a botocore shape? Used on every request to, and every answer of, a service of our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

_NUMBERS = {"integer", "long", "float", "double"}


def find_violations(shape: Shape | None, value: object, path: str = "") -> list[str]:
    """Everything about `value` that the model does not allow, each with its place; empty when it fits.

    Unknown members, missing required ones, wrong types, values outside an enum, a pattern or a length all count.
    """
    if shape is None:
        return [f"{path or 'answer'}: the operation has no output"] if value else []
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
        yield f"{where}: shapes of type {kind} are not known here"


def _check_string(shape: Shape, value: object, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where}: expected a string, got {value!r}"
        return
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{where}: {value!r} is not one of {', '.join(shape.enum)}"
    yield from _check_length(shape, len(value), where)
    pattern = shape.metadata.get("pattern")
    # A least length of 0 beside a pattern that nothing empty matches means: empty is allowed, to unset a value.
    may_be_empty = not value and shape.metadata.get("min") == 0
    if pattern and not may_be_empty and not _compile_pattern(pattern).fullmatch(value):
        yield f"{where}: {value!r} does not match {pattern}"


def _check_length(shape: Shape, size: Any, where: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{where}: {size} is below the least, {least}"
    if most is not None and size > most:
        yield f"{where}: {size} is above the most, {most}"


@lru_cache(maxsize=512)
def _compile_pattern(pattern: str) -> re.Pattern[str]:
    # AWS's patterns are written for Java; the POSIX-like escapes that they use mean the same to `re`.
    return re.compile(pattern.removeprefix("^").removesuffix("$"))
