"""Parses the rules of a Choice state."""

from __future__ import annotations

import re

from leeward.state_machines.asl.choice_rules import AllOf, AnyOf, ChoiceRule, Comparison, PresenceTest
from leeward.state_machines.asl.parser.json_members import JsonMembers

_COMPARISON = re.compile(r"(String|Boolean|Numeric)(Equals|(?:Less|Greater)Than(?:Equals)?)")
_TYPES: dict[str, type] = {"String": str, "Boolean": bool, "Numeric": int}
_TESTS = ("IsPresent", "IsString", "IsNumeric", "IsBoolean", "IsNull", "IsTimestamp")


def parse_rule(members: JsonMembers) -> ChoiceRule | None:
    """Return the rule that the object holds, without its `Next`. Returns None, with a problem, if it is none."""
    for word, kind in (("And", AllOf), ("Or", AnyOf)):
        if word in members.left:
            rules = tuple(rule for each in members.take_list(word) if (rule := parse_rule(each)) is not None)
            members.finish()
            if not rules:
                members.add(f"has an empty {word}")
            return kind(rules) if rules else None
    variable = members.take("Variable", str, "")
    tests = sorted(members.left)
    if len(tests) != 1:
        members.add(f"has a rule with {', '.join(tests) or 'no comparison'}, which a compiled machine doesn't use")
        return None
    (test,) = tests
    if test in _TESTS:
        if members.take(test, bool, False) is not True:
            members.add(f"has a rule with {test}: false")
            return None
        return PresenceTest(variable, test)
    found = _COMPARISON.fullmatch(test)
    if found is None:
        members.add(f"has a rule with {test}, which a compiled machine doesn't use")
        return None
    value = members.take(test, _TYPES[found.group(1)], None)
    return None if value is None else Comparison(variable, value, found.group(2))
