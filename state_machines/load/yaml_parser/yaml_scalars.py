"""Resolves plain scalars by YAML 1.2's core schema (yaml.org/spec/1.2.2, 10.3.2), in which `yes` and `12:30`
are text.
"""

from __future__ import annotations

import re
from typing import TypeAlias

YamlScalar: TypeAlias = str | int | float | bool | None

_NULL_WORDS = {"", "~", "null", "Null", "NULL"}
_BOOLEAN_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCT, _HEX = re.compile(r"0o[0-7]+"), re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY_OR_NAN = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# A double represents this many digits exactly. A number with more digits is an ID that needs quotes.
_MAX_DIGITS = 15


def resolve_scalar(text: str) -> YamlScalar:
    """Return the value of the plain (unquoted) scalar `text`. Raises ValueError for a number that JSON can't
    represent.
    """
    if text in _NULL_WORDS:
        return None
    if text in _BOOLEAN_WORDS:
        return _BOOLEAN_WORDS[text]
    if _INT.fullmatch(text):
        return int(_check_digits(text))
    if _OCT.fullmatch(text) or _HEX.fullmatch(text):
        return int(_check_digits(text), 0)
    if _INFINITY_OR_NAN.fullmatch(text):
        raise ValueError(f"{text} is not a number that JSON can represent")
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f"{text} is too large for a number")
        return number
    return text


def _check_digits(text: str) -> str:
    if len(text.lstrip("+-")) > _MAX_DIGITS:
        raise ValueError(f"{text[:20]} has more digits than a number can hold; put an ID in quotes")
    return text
