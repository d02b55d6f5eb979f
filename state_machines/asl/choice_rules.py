"""The rules of a Choice state: comparisons, presence tests, And, and Or."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from leeward.state_machines.asl.serialization.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares `variable` with a literal. Operators other than `Equals`, such as `GreaterThanEquals`, are for
    numbers.
    """

    variable: str
    value: str | bool | int
    operator: str = "Equals"

    def to_json(self) -> JsonObject:
        """Return the ASL member. The value's type determines the name of the comparison."""
        kind = "Boolean" if isinstance(self.value, bool) else "String" if isinstance(self.value, str) else "Numeric"
        return {"Variable": self.variable, f"{kind}{self.operator}": self.value}


@dataclass(frozen=True, slots=True)
class PresenceTest:
    """Tests whether `variable` exists (`IsPresent`) or has a type (such as `IsString`)."""

    variable: str
    test: str = "IsPresent"

    def to_json(self) -> JsonObject:
        """Return the ASL member."""
        return {"Variable": self.variable, self.test: True}


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every rule is true. A single rule is written without `And`."""

    rules: tuple[ChoiceRule, ...]

    def to_json(self) -> JsonObject:
        """Return the ASL member."""
        return _combine("And", self.rules)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one rule is true. A single rule is written without `Or`."""

    rules: tuple[ChoiceRule, ...]

    def to_json(self) -> JsonObject:
        """Return the ASL member."""
        return _combine("Or", self.rules)


def present_and_equals(variable: str, value: str | bool) -> AllOf:
    """Return a rule that tests that `variable` exists and equals `value`.

    Without the presence test, Step Functions fails an execution whose data has no such variable.
    """
    return AllOf((PresenceTest(variable), Comparison(variable, value)))


ChoiceRule: TypeAlias = Comparison | PresenceTest | AllOf | AnyOf


def _combine(operator: str, rules: tuple[ChoiceRule, ...]) -> JsonObject:
    return rules[0].to_json() if len(rules) == 1 else {operator: [rule.to_json() for rule in rules]}
