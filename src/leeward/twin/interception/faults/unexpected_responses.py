"""Changes responses so that they are well formed but unexpected, as AWS may return them under load or in the future."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from leeward.twin.interception.faults.fault_rules import FaultKind

UNKNOWN_ENUM_VALUE = "SOMETHING_NEW"
# AWS's lists are eventually consistent. Those of DynamoDB's consistent reads are complete (DynamoDB developer guide,
# "Read consistency").
LIST_FAULTS = frozenset({FaultKind.EMPTY_LIST, FaultKind.INCOMPLETE_LIST})
RESPONSE_FAULTS = LIST_FAULTS | {FaultKind.UNKNOWN_VALUE, FaultKind.MISSING_FIELD}
ResponseChange = Callable[[], object]


def is_consistent_read(body: object) -> bool:
    """Return whether the body of a request asks DynamoDB for a consistent read."""
    return isinstance(body, bytes) and b'"ConsistentRead": true' in body


def change_response(fault: FaultKind, parsed: dict[str, Any], shape: Shape | None, seed: str) -> bool:
    """Change a parsed response in place, as `fault` says. `seed` selects the field.

    Return False if the response contains nothing of that kind and stays unchanged.
    """
    if not isinstance(shape, StructureShape):
        return False
    if fault is FaultKind.EMPTY_LIST:
        lists = list(_nonempty_lists(parsed, shape))
        for each in lists:
            each.clear()
        return bool(lists)
    changes = list(_CHANGES_BY_FAULT[fault](parsed, shape))
    if changes:
        Random(seed).choice(changes)()  # noqa: S311 - reproducible on purpose
    return bool(changes)


def _nonempty_lists(value: dict[str, Any], shape: StructureShape) -> Iterator[list[Any]]:
    """Yield the outermost nonempty lists."""
    for name, member in shape.members.items():
        content = value.get(name)
        if isinstance(member, ListShape) and content:
            yield content
        elif isinstance(member, StructureShape) and isinstance(content, dict):
            yield from _nonempty_lists(content, member)


def _list_removals(value: dict[str, Any], shape: StructureShape) -> Iterator[ResponseChange]:
    for items in _nonempty_lists(value, shape):
        for number in range(len(items)):
            yield partial(items.pop, number)


def _enum_replacements(value: Any, shape: Shape) -> Iterator[ResponseChange]:
    for holder, name, member in _optional_members(value, shape):
        if isinstance(member, StringShape) and member.enum and isinstance(holder[name], str):
            yield partial(holder.__setitem__, name, UNKNOWN_ENUM_VALUE)


def _field_removals(value: Any, shape: Shape) -> Iterator[ResponseChange]:
    for holder, name, member in _optional_members(value, shape):
        del member
        yield partial(holder.pop, name, None)


def _optional_members(value: Any, shape: Shape) -> Iterator[tuple[dict[str, Any], str, Shape]]:
    """Yield every optional field that is present, at any depth, including in the items of maps and lists."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, member in shape.members.items():
            if value.get(name) is None:
                continue
            if name not in shape.required_members:
                yield value, name, member
            yield from _optional_members(value[name], member)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for each in value:
            yield from _optional_members(each, shape.member)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for each in value.values():
            yield from _optional_members(each, shape.value)


_CHANGES_BY_FAULT: dict[FaultKind, Callable[[dict[str, Any], StructureShape], Iterator[ResponseChange]]] = {
    FaultKind.INCOMPLETE_LIST: _list_removals,
    FaultKind.UNKNOWN_VALUE: _enum_replacements,
    FaultKind.MISSING_FIELD: _field_removals,
}
