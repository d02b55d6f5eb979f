"""Condition operators of IAM (IAM user guide, "IAM JSON policy elements: Condition operators")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from leeward.twin.errors import TwinError

# A key's values in a request: one for a plain key, several for a set such as aws:TagKeys.
Context: TypeAlias = Mapping[str, Sequence[str]]

_KNOWN = (
    "aws:calledvia", "aws:requestedregion", "aws:requesttag/", "aws:resourceaccount", "aws:resourcetag/", "aws:tagkeys",
    "cloudwatch:namespace", "drs:createaction", "dynamodb:leadingkeys", "ec2:createaction", "events:source",
    "iam:passedtoservice", "kms:resourcealiases", "kms:viaservice",
    "route53-recovery-cluster:allowsafetyrulesoverrides",
)  # fmt: skip


class CannotJudge(TwinError):
    """A policy says something that the twin does not know: the text says what. It is not guessed at."""


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def like(value: str, pattern: str) -> bool:
    """`*` is any text, `?` one character."""
    return _pattern(pattern).fullmatch(value) is not None


def _arn_like(value: str, pattern: str) -> bool:
    """Part by part: a wildcard does not reach over a colon, save in the last of the six."""
    values, patterns = value.split(":", 5), pattern.split(":", 5)
    return len(values) == len(patterns) and all(map(like, values, patterns))


_POSITIVE: Mapping[str, Callable[[str, str], bool]] = {
    "stringequals": lambda value, wanted: value == wanted,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": like,
    "arnequals": _arn_like,
    "arnlike": _arn_like,
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
}
_NEGATIVE = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all of them hold. Keys of `context` are in lower case. Raises CannotJudge."""
    return all(
        _one(operator, key.lower(), [str(v) for v in (wanted if isinstance(wanted, list) else [wanted])], context)
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _one(operator: str, key: str, wanted: Sequence[str], context: Context) -> bool:
    if not key.startswith(_KNOWN):
        raise CannotJudge(f"the condition key {key} is not known to the twin")
    if any("${" in each for each in wanted):
        raise CannotJudge(f"the policy variable in {wanted} is not known to the twin")
    quantifier, _, plain = operator.rpartition(":")
    name = plain.lower().removesuffix("ifexists")
    if_exists = plain.lower().endswith("ifexists")
    values = context.get(key)
    if name == "null":
        return (values is None) == (wanted[0].lower() == "true")
    positive = _NEGATIVE.get(name, name)
    test = _POSITIVE.get(positive)
    if test is None or quantifier not in ("", "ForAnyValue", "ForAllValues"):
        raise CannotJudge(f"the condition operator {operator} is not known to the twin")
    if values is None:
        return if_exists or quantifier == "ForAllValues" or (name in _NEGATIVE and not quantifier)
    found = [any(test(value, each) for each in wanted) == (name == positive) for value in values]
    return any(found) if quantifier == "ForAnyValue" else all(found)
