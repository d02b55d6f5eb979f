"""Compares two normalized states: which resources exist in only one of them, and which fields differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leeward.rehearsal.end_state.normalization import NormalizedState
from leeward.twin.state_dump.state_document import PlainValue, ResourceKey

_MAX_VALUE_LENGTH = 120
ABSENT = "not there"


@dataclass(frozen=True, slots=True)
class StateDifference:
    """One difference. `field` is the path of the field, or empty if the whole resource is in only one state."""

    key: ResourceKey
    field: str
    was: str
    now: str

    def __str__(self) -> str:
        where = f"{self.key}, {self.field}" if self.field else str(self.key)
        return f"{where}: was {self.was}, is {self.now}"


def find_differences(first: NormalizedState, second: NormalizedState) -> list[StateDifference]:
    """Return the differences, by resource. Resources with the same key are compared regardless of their order."""
    differences: list[StateDifference] = []
    for key in sorted(first.keys() | second.keys()):
        if first.get(key) != second.get(key):
            differences += _resource_differences(key, first.get(key, ()), second.get(key, ()))
    return differences


def _resource_differences(
    key: ResourceKey, first: Sequence[Mapping[str, PlainValue]], second: Sequence[Mapping[str, PlainValue]]
) -> Iterator[StateDifference]:
    firsts, seconds = (Counter(json.dumps(each, sort_keys=True) for each in side) for side in (first, second))
    only_first, only_second = list((firsts - seconds).elements()), list((seconds - firsts).elements())
    common = min(len(only_first), len(only_second))
    for was, now in zip(only_first[:common], only_second[:common], strict=True):
        yield from _field_differences(key, json.loads(was), json.loads(now))
    for was in only_first[common:]:
        yield StateDifference(key, "", _shorten(was), ABSENT)
    for now in only_second[common:]:
        yield StateDifference(key, "", ABSENT, _shorten(now))


def _field_differences(
    key: ResourceKey, first: Mapping[str, PlainValue], second: Mapping[str, PlainValue]
) -> Iterator[StateDifference]:
    was, now = dict(_flatten(first, "")), dict(_flatten(second, ""))
    for path in sorted(was.keys() | now.keys()):
        if was.get(path) != now.get(path):
            yield StateDifference(key, path, _shorten(was.get(path, ABSENT)), _shorten(now.get(path, ABSENT)))


def _flatten(value: PlainValue | Mapping[str, PlainValue], path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flatten(item, f"{path}/{name}" if path else name)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_VALUE_LENGTH else f"{text[: _MAX_VALUE_LENGTH - 3]}..."
