"""YAML as plain values, each with its line and column.

Built straight from the parser's events rather than with a constructor: no tag can make an object, nothing recurses, and
a bound on depth and size (aliases counted as often as they are used) stops a document that would blow up.
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

from leeward.state_machines.load.scalars import Scalar, resolve
from leeward.state_machines.places import Loc, Mark, Source
from leeward.state_machines.problems import Problem, did_you_mean

Value: TypeAlias = "dict[str, Value] | list[Value] | Scalar"

MOST_DEPTH = 20
MOST_VALUES = 20_000


class Refused(Exception):
    """The text is not a document that can be read; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(slots=True)
class Node:
    """A value where it stands. `size` counts the values inside, itself included."""

    mark: Mark
    scalar: Scalar = None
    items: list[Node] | None = None
    members: dict[str, tuple[Mark, Node]] | None = None
    size: int = 1
    key: tuple[str, Mark] | None = field(default=None)


def parse(text: str, path: Path) -> tuple[Value, Source]:
    """The document's value and its places. Raises Refused."""
    root = _Builder(path).build(text)
    values: dict[Loc, Mark] = {}
    keys: dict[Loc, Mark] = {}
    return _plain(root, (), values, keys), Source(path, values, keys)


class _Builder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: list[Node] = []
        self._anchors: dict[str, Node | None] = {}
        self._anchor_of_open: list[str | None] = []
        self._values = 0
        self._documents = 0
        self._root: Node | None = None

    def build(self, text: str) -> Node:
        try:
            for event in _events(text):
                self._take(event)
        except MarkedYAMLError as error:
            raise self._yaml_problem(error) from error
        except YAMLError as error:
            # The reader's errors (characters that YAML forbids) know a position in the text, not a line.
            position = int(getattr(error, "position", 0) or 0)
            before = text[:position]
            mark = Mark(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)
            raise self._refused(mark, "the file holds a character that YAML does not allow") from error
        except (ValueError, RecursionError) as error:
            raise self._refused(Mark(), f"the YAML cannot be read: {error}") from error
        if self._root is None:
            raise self._refused(Mark(), "the file holds no document", "a mapping such as `application: website`")
        return self._root

    def _take(self, event: Event) -> None:
        mark = _mark(event)
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._refused(mark, "a second document starts here", "one document for each file")
            case AliasEvent():
                self._add(self._aliased(event.anchor, mark), None)
            case ScalarEvent():
                self._add(self._scalar(event, mark), event.anchor)
            case MappingStartEvent() | SequenceStartEvent():
                self._start(event, mark)
            case MappingEndEvent() | SequenceEndEvent():
                self._end()

    def _start(self, event: MappingStartEvent | SequenceStartEvent, mark: Mark) -> None:
        self._no_tag(event, mark)
        if len(self._open) >= MOST_DEPTH:
            raise self._refused(mark, "the document is nested too deeply", f"at most {MOST_DEPTH} levels")
        parent = self._open[-1] if self._open else None
        if parent is not None and parent.members is not None and parent.key is None:
            raise self._refused(mark, "a key is a mapping or a list", "a word as key")
        is_mapping = isinstance(event, MappingStartEvent)
        node = Node(mark, members={}) if is_mapping else Node(mark, items=[])
        if event.anchor:
            self._anchors[event.anchor] = None
        self._anchor_of_open.append(event.anchor)
        self._open.append(node)

    def _end(self) -> None:
        node = self._open.pop()
        self._add(node, self._anchor_of_open.pop())

    def _add(self, node: Node, anchor: str | None) -> None:
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
            parent.key = self._key(node, parent.members)
        elif parent.members is not None and parent.key is not None:
            name, mark = parent.key
            parent.members[name] = (mark, node)
            parent.key = None
            parent.size += node.size

    def _key(self, node: Node, members: dict[str, tuple[Mark, Node]]) -> tuple[str, Mark]:
        if not isinstance(node.scalar, str):
            shown = "empty" if node.scalar is None else f"{node.scalar!r}, not a text"
            raise self._refused(node.mark, f"a key is {shown}", "a word as key", "put it in quotes if it is meant")
        if node.scalar in members:
            first = members[node.scalar][0]
            raise self._refused(
                node.mark, f'the key "{node.scalar}" is there twice; first in line {first.line}', "each key once"
            )
        return node.scalar, node.mark

    def _scalar(self, event: ScalarEvent, mark: Mark) -> Node:
        self._no_tag(event, mark)
        self._count(1, mark)
        text = str(event.value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self._refused(mark, "the text holds half of a surrogate pair", "whole characters")
        if event.style is not None:
            return Node(mark, scalar=text)
        try:
            return Node(mark, scalar=resolve(text))
        except ValueError as error:
            raise self._refused(mark, str(error)) from error

    def _aliased(self, anchor: str, mark: Mark) -> Node:
        if anchor not in self._anchors:
            hint = did_you_mean(anchor, self._anchors)
            raise self._refused(mark, f"the alias *{anchor} names no anchor above it", hint=hint)
        node = self._anchors[anchor]
        if node is None:
            raise self._refused(mark, f"the alias *{anchor} stands inside its own anchor")
        self._count(node.size, mark)
        return node

    def _count(self, size: int, mark: Mark) -> None:
        self._values += size
        if self._values > MOST_VALUES:
            raise self._refused(mark, "the document holds too many values", f"at most {MOST_VALUES}, aliases included")

    def _no_tag(self, event: NodeEvent, mark: Mark) -> None:
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            raise self._refused(mark, f"the tag {tag} is not used here", "a plain value", "remove the tag")

    def _refused(self, mark: Mark, message: str, expected: str = "", hint: str = "") -> Refused:
        return Refused(Problem(self._path, mark.line, mark.column, message, expected, hint))

    def _yaml_problem(self, error: MarkedYAMLError) -> Refused:
        place = error.problem_mark or error.context_mark
        mark = Mark(place.line + 1, place.column + 1) if place else Mark()
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        hint = "YAML is indented with spaces, never with tabs" if "'\\t'" in message else ""
        return self._refused(mark, f"not valid YAML: {message}", hint=hint)


def _events(text: str) -> Iterator[Event]:
    events: Iterable[Event] = YAML(typ="safe", pure=True).parse(text)
    yield from events


def _mark(event: Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _plain(node: Node, loc: Loc, values: dict[Loc, Mark], keys: dict[Loc, Mark]) -> Value:
    # Bounded: depth and size were checked while the nodes were built, aliases included.
    values[loc] = node.mark
    if node.items is not None:
        return [_plain(item, (*loc, index), values, keys) for index, item in enumerate(node.items)]
    if node.members is not None:
        plain: dict[str, Value] = {}
        for name, (mark, item) in node.members.items():
            keys[(*loc, name)] = mark
            plain[name] = _plain(item, (*loc, name), values, keys)
        return plain
    return node.scalar
