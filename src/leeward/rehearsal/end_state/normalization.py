"""Replaces what two runs of the same document can't have in common, so that the rest can be compared.

- An instant, in any notation, becomes `<time>`. Whether there is one is still compared.
- The name of a run of the session becomes `<run>`, because a recovery can be a run of its own.
- An ID that AWS generated during the run becomes the name of its resource, such as `<new instance web-1>`. An ID that
  existed before the run stays, so resources from before are compared one by one.
- The order in lists is ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from leeward.rehearsal.end_state.ignored_state import IGNORED_STATE, UNCOUNTED_STATE, IgnoredState
from leeward.twin.state_dump.state_document import PlainValue, ResourceKey, StateDocument

TIME, RUN = "<time>", "<run>"
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|\d{8}T\d{6}Z?|\d{4}-\d\d-\d\d(?!\d)"
)
_EPOCH = re.compile(r"(?<![\d.])1[67]\d{8}(?:\d{3})?(?:\.\d+)?(?![\d.])")
_GENERATED_ID = re.compile(
    r"(?:[a-z]+-)+[0-9a-f]{8}(?:[0-9a-f]{9})?(?![0-9a-z])"  # i-0123456789abcdef0, vol-..., vpc-cidr-assoc-...
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<![0-9a-z])[0-9a-f]{16,64}(?![0-9a-z])"  # the end of a load balancer's ARN, a digest
    r"|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b"  # a MAC address
    r"|\bip-\d+-\d+-\d+-\d+\b|\bec2-\d+-\d+-\d+-\d+\b|\b\d{1,3}(?:\.\d{1,3}){3}\b(?!/)"  # host names and IP addresses
    r"|\b(?:AROA|AIDA|AKIA|ASIA|ANPA|AIPA)[A-Z0-9]{12,17}\b"
)
NormalizedState = Mapping[ResourceKey, Sequence[Mapping[str, PlainValue]]]


def find_ids(document: StateDocument) -> frozenset[str]:
    """Return every generated ID in a document."""
    text = json.dumps([[key.id, fields] for key, fields in document.items()], default=str)
    return frozenset(match.group() for match in _GENERATED_ID.finditer(text))


class Normalization:
    """The normalization of a state. `known_ids` are the IDs that existed before the run, `runs` the IDs of its runs."""

    def __init__(
        self, known_ids: Collection[str], runs: Collection[str], ignored: tuple[IgnoredState, ...] = IGNORED_STATE
    ) -> None:
        self._known_ids, self._ignored = known_ids, ignored
        names = sorted({part for run in runs for part in _run_names(run)}, key=len, reverse=True)
        self._runs = re.compile("|".join(map(re.escape, names))) if names else None
        self._id_names: dict[str, str] = {}
        self._candidates: dict[tuple[str, str], list[IgnoredState]] = {}

    def normalize(self, document: StateDocument) -> NormalizedState:
        """Return the compared resources. Several new ones can have the same key, because their IDs are replaced."""
        self._id_names = dict(_name_new_resources(document, self._known_ids))
        normalized: dict[ResourceKey, list[dict[str, PlainValue]]] = {}
        for key, fields in document.items():
            named = ResourceKey(key.service, key.region, key.kind, self._convert_text(key.id))
            ignored = self._entries_of(named, fields)
            if any(not each.fields for each in ignored):
                continue
            paths = [path for each in ignored for path in each.paths]
            kept = self._convert_fields(fields, paths)
            same = normalized.setdefault(named, [])
            if kept and not (kept in same and self._is_uncounted(named)):
                same.append(kept)
        return normalized

    def _is_uncounted(self, key: ResourceKey) -> bool:
        return any(each.covers(key.service, key.kind) and each.matches(key.id) for each in UNCOUNTED_STATE)

    def _entries_of(self, key: ResourceKey, fields: Mapping[str, PlainValue]) -> list[IgnoredState]:
        candidates = self._candidates.get((key.service, key.kind))
        if candidates is None:
            candidates = [each for each in self._ignored if each.covers(key.service, key.kind)]
            self._candidates[key.service, key.kind] = candidates
        return [
            each
            for each in candidates
            if each.matches(key.id) and each.applies_to(lambda name: self._convert_text(str(fields.get(name))))
        ]

    def _convert_fields(
        self, fields: Mapping[str, PlainValue], ignored_paths: list[tuple[str, ...]]
    ) -> dict[str, PlainValue]:
        kept: dict[str, PlainValue] = {}
        for name, value in fields.items():
            matching = [path[1:] for path in ignored_paths if fnmatchcase(name, path[0])]
            if any(not path for path in matching):
                continue
            converted = self._convert(value, matching)
            if converted not in ({}, []):  # an empty collection is the same as none
                kept[self._convert_text(name)] = converted
        return kept

    def _convert(self, value: PlainValue, ignored_paths: list[tuple[str, ...]]) -> PlainValue:
        if isinstance(value, str):
            return self._convert_text(value)
        if isinstance(value, dict):
            return self._convert_fields(value, ignored_paths)
        if isinstance(value, list):
            below = [path[1:] for path in ignored_paths if path[0] == "*" and len(path) > 1]
            items = [self._convert(item, below) for item in value]
            return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
        if isinstance(value, int | float) and not isinstance(value, bool) and _EPOCH.fullmatch(str(value)):
            return TIME
        return value

    def _convert_text(self, text: str) -> str:
        if len(text) < _SHORTEST_CHANGED_TEXT:
            return text
        if self._runs is not None:
            text = self._runs.sub(RUN, text)
        text = _INSTANT.sub(TIME, text)
        text = _GENERATED_ID.sub(self._name_id, text)
        return _EPOCH.sub(TIME, text)

    def _name_id(self, match: re.Match[str]) -> str:
        found = match.group()
        if found in self._known_ids:
            return found
        return self._id_names.get(found) or _kind_of_id(found)


# The shortest name of a run, time, ID, or address.
_SHORTEST_CHANGED_TEXT = 5


def _kind_of_id(text: str) -> str:
    prefix = re.match(r"(?:[a-z]+-)+(?=[0-9a-f]{8})", text)
    return f"<new {prefix.group()[:-1]}>" if prefix else "<new id>"


def _run_names(run_id: str) -> Iterator[str]:
    """Yield the run's ID, and its ID as part of the name of an AWS resource."""
    yield run_id
    application, runbook, name = run_id.split(".", 2)
    yield f"{application}-{runbook}:{name}"  # the end of the ARN of its execution


def _name_new_resources(document: StateDocument, known_ids: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each new ID and the name that describes its resource: its kind, and its own name or `Name` tag."""
    tags = {key.id: fields for key, fields in document.items() if key.service == "ec2" and key.kind == "tags"}
    for key, fields in document.items():
        if key.kind == "tags":
            continue
        last = key.id.rpartition("/")[2]
        if last in known_ids or not _GENERATED_ID.fullmatch(last):
            continue
        name = tags.get(last, {}).get("Name") or fields.get("name") or fields.get("group_name")
        if isinstance(name, str) and name and not _GENERATED_ID.search(name):
            yield last, f"<new {key.kind.removesuffix('s')} {name}>"
