"""Evaluates the condition operators of IAM (IAM user guide, "IAM JSON policy elements: Condition operators")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from leeward.twin.errors import TwinError

# The values of each condition key in a request: one for a plain key, several for a set such as aws:TagKeys.
ConditionContext: TypeAlias = Mapping[str, Sequence[str]]

_KNOWN_KEYS = (
    "aws:calledvia", "aws:requestedregion", "aws:requesttag/", "aws:resourceaccount", "aws:resourcetag/", "aws:tagkeys",
    "cloudwatch:namespace", "drs:createaction", "dynamodb:leadingkeys", "ec2:createaction", "events:source",
    "iam:passedtoservice", "kms:resourcealiases", "kms:viaservice",
    "route53-recovery-cluster:allowsafetyrulesoverrides", "route53:changeresourcerecordsetsactions",
    "route53:changeresourcerecordsetsnormalizedrecordnames", "route53:changeresourcerecordsetsrecordtypes",
)  # fmt: skip


class UnsupportedPolicy(TwinError):
    """A policy contains an element that the twin does not support. The message names it. The twin never guesses."""


@lru_cache(maxsize=4096)
def _compile_wildcard(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def matches_wildcard(value: str, pattern: str) -> bool:
    """Return whether `value` matches `pattern`. `*` matches any text, and `?` matches one character."""
    return _compile_wildcard(pattern).fullmatch(value) is not None


def _arn_matches(value: str, pattern: str) -> bool:
    """Match each part. A wildcard does not match a colon, except in the last of the six parts."""
    values, patterns = value.split(":", 5), pattern.split(":", 5)
    return len(values) == len(patterns) and all(map(matches_wildcard, values, patterns))


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "stringequals": lambda value, wanted: value == wanted,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": matches_wildcard,
    "arnequals": _arn_matches,
    "arnlike": _arn_matches,
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
}
_NEGATED_OPERATORS = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}


def conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: ConditionContext) -> bool:
    """Return whether all conditions hold. The keys of `context` are in lowercase. Raises UnsupportedPolicy."""
    return all(
        _condition_holds(
            operator, key.lower(), [str(v) for v in (wanted if isinstance(wanted, list) else [wanted])], context
        )
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition_holds(operator: str, key: str, wanted: Sequence[str], context: ConditionContext) -> bool:
    if not key.startswith(_KNOWN_KEYS):
        raise UnsupportedPolicy(f"the condition key {key} is not known to the twin")
    if any("${" in each for each in wanted):
        raise UnsupportedPolicy(f"the policy variable in {wanted} is not known to the twin")
    quantifier, _, plain = operator.rpartition(":")
    name = plain.lower().removesuffix("ifexists")
    if_exists = plain.lower().endswith("ifexists")
    values = context.get(key)
    if name == "null":
        return (values is None) == (wanted[0].lower() == "true")
    positive = _NEGATED_OPERATORS.get(name, name)
    test = _OPERATORS.get(positive)
    if test is None or quantifier not in ("", "ForAnyValue", "ForAllValues"):
        raise UnsupportedPolicy(f"the condition operator {operator} is not known to the twin")
    if values is None:
        return if_exists or quantifier == "ForAllValues" or (name in _NEGATED_OPERATORS and not quantifier)
    results = [any(test(value, each) for each in wanted) == (name == positive) for value in values]
    return any(results) if quantifier == "ForAnyValue" else all(results)
