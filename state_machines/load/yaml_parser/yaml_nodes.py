"""Parses YAML to plain values, each with its line and column.

The values are built from the parser's events without a constructor, so no tag can create an object and nothing
recurses. Limits on depth and size (each use of an alias counts) reject a document that expands too far.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from leeward.state_machines.diagnostics.document_locations import DocumentPath, DocumentSource, TextPosition
from leeward.state_machines.diagnostics.problems import DocumentProblem, did_you_mean
from leeward.state_machines.load.yaml_parser.yaml_scalars import YamlScalar, resolve_scalar

YamlValue: TypeAlias = "dict[str, YamlValue] | list[YamlValue] | YamlScalar"

MAX_DEPTH = 20
MAX_VALUES = 20_000


class UnreadableDocument(Exception):
    """The text can't be read as a document. `problem` says why."""

    def __init__(self, problem: DocumentProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(slots=True)
class YamlNode:
    """A value with its position. `size` counts the values in it, including itself."""

    position: TextPosition
    scalar: YamlScalar = None
    items: list[YamlNode] | None = None
    members: dict[str, tuple[TextPosition, YamlNode]] | None = None
    size: int = 1
    key: tuple[str, TextPosition] | None = field(default=None)


def parse_yaml(text: str, path: Path) -> tuple[YamlValue, DocumentSource]:
    """Return the document's value and its positions. Raises UnreadableDocument."""
    root = _NodeBuilder(path).build(text)
    values: dict[DocumentPath, TextPosition] = {}
    keys: dict[DocumentPath, TextPosition] = {}
    return _to_plain(root, (), values, keys), DocumentSource(path, values, keys)


class _NodeBuilder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: list[YamlNode] = []
        self._anchors: dict[str, YamlNode | None] = {}
        self._anchor_of_open: list[str | None] = []
        self._values = 0
        self._documents = 0
        self._root: YamlNode | None = None

    def build(self, text: str) -> YamlNode:
        try:
            for event in _parse_events(text):
                self._handle_event(event)
        except MarkedYAMLError as error:
            raise self._unreadable_yaml(error) from error
        except YAMLError as error:
            # The reader's errors (characters that YAML forbids) have an offset in the text, not a line.
            position = int(getattr(error, "position", 0) or 0)
            before = text[:position]
            mark = TextPosition(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)
            raise self._unreadable(mark, "the file has a character that YAML does not allow") from error
        except (ValueError, RecursionError) as error:
            raise self._unreadable(TextPosition(), f"the YAML cannot be read: {error}") from error
        if self._root is None:
            raise self._unreadable(
                TextPosition(), "the file has no document", "a mapping such as `application: website`"
            )
        return self._root

    def _handle_event(self, event: Event) -> None:
        mark = _position_of(event)
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._unreadable(mark, "a second document starts here", "one document for each file")
            case AliasEvent():
                self._add(self._resolve_alias(event.anchor, mark), None)
            case ScalarEvent():
                self._add(self._scalar_node(event, mark), event.anchor)
            case MappingStartEvent() | SequenceStartEvent():
                self._open_collection(event, mark)
            case MappingEndEvent() | SequenceEndEvent():
                self._close_collection()

    def _open_collection(self, event: MappingStartEvent | SequenceStartEvent, mark: TextPosition) -> None:
        self._reject_tag(event, mark)
        if len(self._open) >= MAX_DEPTH:
            raise self._unreadable(mark, "the document is nested too deeply", f"at most {MAX_DEPTH} levels")
        parent = self._open[-1] if self._open else None
        if parent is not None and parent.members is not None and parent.key is None:
            raise self._unreadable(mark, "a key is a mapping or a list", "a word as key")
        is_mapping = isinstance(event, MappingStartEvent)
        node = YamlNode(mark, members={}) if is_mapping else YamlNode(mark, items=[])
        if event.anchor:
            self._anchors[event.anchor] = None
        self._anchor_of_open.append(event.anchor)
        self._open.append(node)

    def _close_collection(self) -> None:
        node = self._open.pop()
        self._add(node, self._anchor_of_open.pop())

    def _add(self, node: YamlNode, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if parent.items is not None:
            parent.items.append(node)
            parent.size += node.size
        elif parent.members is not None and parent.key is None:
            parent.key = self._check_key(node, parent.members)
        elif parent.members is not None and parent.key is not None:
            name, mark = parent.key
            parent.members[name] = (mark, node)
            parent.key = None
            parent.size += node.size

    def _check_key(self, node: YamlNode, members: dict[str, tuple[TextPosition, YamlNode]]) -> tuple[str, TextPosition]:
        if not isinstance(node.scalar, str):
            shown = "empty" if node.scalar is None else f"{node.scalar!r}, not a text"
            raise self._unreadable(
                node.position, f"a key is {shown}", "a word as key", "put it in quotes if it is meant"
            )
        if node.scalar in members:
            first = members[node.scalar][0]
            raise self._unreadable(
                node.position, f'the key "{node.scalar}" occurs twice, first on line {first.line}', "each key once"
            )
        return node.scalar, node.position

    def _scalar_node(self, event: ScalarEvent, mark: TextPosition) -> YamlNode:
        self._reject_tag(event, mark)
        self._count_values(1, mark)
        text = str(event.value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self._unreadable(mark, "the text has half of a surrogate pair", "whole characters")
        if event.style is not None:
            return YamlNode(mark, scalar=text)
        try:
            return YamlNode(mark, scalar=resolve_scalar(text))
        except ValueError as error:
            raise self._unreadable(mark, str(error)) from error

    def _resolve_alias(self, anchor: str, mark: TextPosition) -> YamlNode:
        if anchor not in self._anchors:
            hint = did_you_mean(anchor, self._anchors)
            raise self._unreadable(mark, f"the alias *{anchor} has no anchor above it", hint=hint)
        node = self._anchors[anchor]
        if node is None:
            raise self._unreadable(mark, f"the alias *{anchor} is inside its own anchor")
        self._count_values(node.size, mark)
        return node

    def _count_values(self, size: int, mark: TextPosition) -> None:
        self._values += size
        if self._values > MAX_VALUES:
            raise self._unreadable(mark, "the document has too many values", f"at most {MAX_VALUES}, aliases included")

    def _reject_tag(self, event: NodeEvent, mark: TextPosition) -> None:
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            raise self._unreadable(mark, f"the tag {tag} is not used here", "a plain value", "remove the tag")

    def _unreadable(self, mark: TextPosition, message: str, expected: str = "", hint: str = "") -> UnreadableDocument:
        return UnreadableDocument(DocumentProblem(self._path, mark.line, mark.column, message, expected, hint))

    def _unreadable_yaml(self, error: MarkedYAMLError) -> UnreadableDocument:
        place = error.problem_mark or error.context_mark
        mark = TextPosition(place.line + 1, place.column + 1) if place else TextPosition()
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        hint = "YAML is indented with spaces, never with tabs" if "'\\t'" in message else ""
        return self._unreadable(mark, f"not valid YAML: {message}", hint=hint)


def _parse_events(text: str) -> Iterator[Event]:
    events: Iterable[Event] = YAML(typ="safe", pure=True).parse(text)
    yield from events


def _position_of(event: Event) -> TextPosition:
    return TextPosition(event.start_mark.line + 1, event.start_mark.column + 1)


def _to_plain(
    node: YamlNode, loc: DocumentPath, values: dict[DocumentPath, TextPosition], keys: dict[DocumentPath, TextPosition]
) -> YamlValue:
    # The recursion is bounded: depth and size, aliases included, were checked while the nodes were built.
    values[loc] = node.position
    if node.items is not None:
        return [_to_plain(item, (*loc, index), values, keys) for index, item in enumerate(node.items)]
    if node.members is not None:
        plain: dict[str, YamlValue] = {}
        for name, (mark, item) in node.members.items():
            keys[(*loc, name)] = mark
            plain[name] = _to_plain(item, (*loc, name), values, keys)
        return plain
    return node.scalar
