"""Takes the members of a JSON object one by one, and notes those that are missing, of another type, or left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a state of a definition. `state` is "" for the machine itself."""

    state: str
    text: str


@dataclass
class JsonMembers:
    """The members of one object that belongs to `state`. `left` are those that no one has taken yet."""

    state: str
    value: Mapping[str, Any]
    problems: list[Problem]
    left: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.left = set(self.value)

    def add(self, text: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.state, text))

    def take(self, name: str, kind: type, default: Any, *, optional: bool = False) -> Any:
        """Return the member, or `default` with a problem if it is missing or has another type."""
        if name not in self.left:
            if not optional:
                self.add(f"has no {name}")
            return default
        self.left.discard(name)
        value = self.value[name]
        is_number = kind is float and isinstance(value, int)
        if not (isinstance(value, kind) or is_number) or (isinstance(value, bool) and kind is not bool):
            self.add(f"has a {name} that is no {_KIND_NAMES[kind]}: {value!r:.80}")
            return default
        return float(value) if is_number else value

    def take_path(self, name: str) -> str | None:
        """Return a path member: `$` if it is missing, None for null."""
        if name not in self.left:
            return "$"
        if self.value[name] is None:
            self.left.discard(name)
            return None
        return str(self.take(name, str, "$"))

    def take_names(self, name: str) -> tuple[str, ...]:
        """Return a list of texts. An empty list is a problem."""
        values = self.take(name, list, [])
        names = tuple(value for value in values if isinstance(value, str))
        if len(names) < len(values) or not names:
            self.add(f"has a {name} that is no list of names: {values!r:.80}")
        return names

    def take_list(self, name: str) -> list[JsonMembers]:
        """Return the objects of an optional list."""
        values = self.take(name, list, [], optional=True)
        found = [JsonMembers(self.state, value, self.problems) for value in values if isinstance(value, dict)]
        if len(found) < len(values):
            self.add(f"has a {name} that is no list of objects")
        return found

    def finish(self) -> None:
        """Note the members that no one has taken."""
        for name in sorted(self.left):
            self.add(f"has {name}, which a compiled machine doesn't use")


_KIND_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", dict: "object", list: "list"}
