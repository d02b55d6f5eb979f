"""Decides whether a rule of a Choice state holds."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from leeward.state_machines.asl import AllOf, AnyOf, ChoiceRule, Comparison, PresenceTest
from leeward.state_machines.checks.behavior.interpreter.data_paths import Data, DataError, select

_OPERATORS: Mapping[str, Callable[[Data, Data], bool]] = {
    "Equals": operator.eq,
    "GreaterThanEquals": operator.ge,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "LessThan": operator.lt,
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "IsString": (str,),
    "IsBoolean": (bool,),
    "IsNumeric": (int, float),
    "IsNull": (type(None),),
}


def holds(rule: ChoiceRule, data: Data) -> bool:
    """Return whether the rule holds. Raises DataError when a comparison's variable is missing.

    Values of another type than the literal's never match.
    """
    match rule:
        case AllOf(rules):
            return all(holds(inner, data) for inner in rules)
        case AnyOf(rules):
            return any(holds(inner, data) for inner in rules)
        case PresenceTest(variable, test):
            try:
                value = select(variable, data)
            except DataError:
                return False
            return isinstance(value, _TYPES.get(test, (object,)))
        case Comparison(variable, literal, name):
            value = select(variable, data)
            return type(value) is type(literal) and _OPERATORS[name](value, literal)
