"""The rules of a Choice state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from leeward.state_machines.asl.serialization.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class Comparison:
    """`variable` compared with a literal. `operator` other than equality is for numbers: `GreaterThanEquals`, ..."""

    variable: str
    value: str | bool | int
    operator: str = "Equals"

    def to_json(self) -> JsonObject:
        """The ASL member. The comparison's name follows from the value's type."""
        kind = "Boolean" if isinstance(self.value, bool) else "String" if isinstance(self.value, str) else "Numeric"
        return {"Variable": self.variable, f"{kind}{self.operator}": self.value}


@dataclass(frozen=True, slots=True)
class PresenceTest:
    """`variable` exists and is of `kind` (`IsString`), or merely exists (`IsPresent`)."""

    variable: str
    test: str = "IsPresent"

    def to_json(self) -> JsonObject:
        """The ASL member."""
        return {"Variable": self.variable, self.test: True}


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every rule holds. One rule alone is written without `And`."""

    rules: tuple[ChoiceRule, ...]

    def to_json(self) -> JsonObject:
        """The ASL member."""
        return _combine("And", self.rules)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one rule holds. One rule alone is written without `Or`."""

    rules: tuple[ChoiceRule, ...]

    def to_json(self) -> JsonObject:
        """The ASL member."""
        return _combine("Or", self.rules)


def present_and_equals(variable: str, value: str | bool) -> AllOf:
    """`variable` is there and equals `value`. Without the first, Step Functions ends a run whose data lacks it."""
    return AllOf((PresenceTest(variable), Comparison(variable, value)))


ChoiceRule: TypeAlias = Comparison | PresenceTest | AllOf | AnyOf


def _combine(operator: str, rules: tuple[ChoiceRule, ...]) -> JsonObject:
    return rules[0].to_json() if len(rules) == 1 else {operator: [rule.to_json() for rule in rules]}
