"""The rules of a Choice state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from leeward.state_machines.asl.json import JsonObject


@dataclass(frozen=True, slots=True)
class Equals:
    """`variable` compared with a literal. `operator` other than equality is for numbers: `GreaterThanEquals`, ..."""

    variable: str
    value: str | bool | int
    operator: str = "Equals"

    def to_json(self) -> JsonObject:
        """The ASL member. The comparison's name follows from the value's type."""
        kind = "Boolean" if isinstance(self.value, bool) else "String" if isinstance(self.value, str) else "Numeric"
        return {"Variable": self.variable, f"{kind}{self.operator}": self.value}


@dataclass(frozen=True, slots=True)
class Present:
    """`variable` exists and is of `kind` (`IsString`), or merely exists (`IsPresent`)."""

    variable: str
    test: str = "IsPresent"

    def to_json(self) -> JsonObject:
        """The ASL member."""
        return {"Variable": self.variable, self.test: True}


@dataclass(frozen=True, slots=True)
class All:
    """Every rule holds. One rule alone is written without `And`."""

    rules: tuple[Rule, ...]

    def to_json(self) -> JsonObject:
        """The ASL member."""
        return _joined("And", self.rules)


@dataclass(frozen=True, slots=True)
class Any:
    """At least one rule holds. One rule alone is written without `Or`."""

    rules: tuple[Rule, ...]

    def to_json(self) -> JsonObject:
        """The ASL member."""
        return _joined("Or", self.rules)


def present_and_equals(variable: str, value: str | bool) -> All:
    """`variable` is there and equals `value`. Without the first, Step Functions ends a run whose data lacks it."""
    return All((Present(variable), Equals(variable, value)))


Rule: TypeAlias = Equals | Present | All | Any


def _joined(word: str, rules: tuple[Rule, ...]) -> JsonObject:
    return rules[0].to_json() if len(rules) == 1 else {word: [rule.to_json() for rule in rules]}
