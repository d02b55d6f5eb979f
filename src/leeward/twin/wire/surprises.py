"""Answers that are well formed and yet surprising: what AWS may answer tomorrow, or today in a bad moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from leeward.twin.wire.faults import Fault

NEW = "SOMETHING_NEW"
SURPRISES = frozenset({Fault.EMPTY, Fault.INCOMPLETE, Fault.NEW_VALUE, Fault.MISSING})
Change = Callable[[], object]


def surprise(fault: Fault, parsed: dict[str, Any], shape: Shape | None, seed: str) -> bool:
    """Change a parsed answer in place, as `fault` says; which of its fields is drawn by `seed`.

    False where the answer holds nothing of that kind, and so is left as it is.
    """
    if not isinstance(shape, StructureShape):
        return False
    if fault is Fault.EMPTY:
        lists = list(_lists(parsed, shape))
        for each in lists:
            each.clear()
        return bool(lists)
    found = list(_CHANGES[fault](parsed, shape))
    if found:
        Random(seed).choice(found)()  # noqa: S311 - reproducible on purpose
    return bool(found)


def _lists(value: dict[str, Any], shape: StructureShape) -> Iterator[list[Any]]:
    """The outermost lists that hold anything."""
    for name, member in shape.members.items():
        held = value.get(name)
        if isinstance(member, ListShape) and held:
            yield held
        elif isinstance(member, StructureShape) and isinstance(held, dict):
            yield from _lists(held, member)


def _shortened(value: dict[str, Any], shape: StructureShape) -> Iterator[Change]:
    for held in _lists(value, shape):
        for number in range(len(held)):
            yield partial(held.pop, number)


def _renamed(value: Any, shape: Shape) -> Iterator[Change]:
    for holder, name, member in _members(value, shape):
        if isinstance(member, StringShape) and member.enum and isinstance(holder[name], str):
            yield partial(holder.__setitem__, name, NEW)


def _dropped(value: Any, shape: Shape) -> Iterator[Change]:
    for holder, name, member in _members(value, shape):
        del member
        yield partial(holder.pop, name, None)


def _members(value: Any, shape: Shape) -> Iterator[tuple[dict[str, Any], str, Shape]]:
    """Every field that is there and need not be, at any depth. What a map or list holds is walked through."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, member in shape.members.items():
            if value.get(name) is None:
                continue
            if name not in shape.required_members:
                yield value, name, member
            yield from _members(value[name], member)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for each in value:
            yield from _members(each, shape.member)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for each in value.values():
            yield from _members(each, shape.value)


_CHANGES: dict[Fault, Callable[[dict[str, Any], StructureShape], Iterator[Change]]] = {
    Fault.INCOMPLETE: _shortened,
    Fault.NEW_VALUE: _renamed,
    Fault.MISSING: _dropped,
}
