"""What a plain word is: YAML 1.2's core schema (yaml.org/spec/1.2.2, 10.3.2), in which `yes` and `12:30` are text."""

from __future__ import annotations

import re
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCT, _HEX = re.compile(r"0o[0-7]+"), re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# What a double holds exactly; more digits are an id that should be in quotes.
_MOST_DIGITS = 15


def resolve(text: str) -> Scalar:
    """The value of the plain (unquoted) scalar `text`. Raises ValueError for a number that JSON cannot carry."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(_short(text))
    if _OCT.fullmatch(text) or _HEX.fullmatch(text):
        return int(_short(text), 0)
    if _NO_NUMBER.fullmatch(text):
        raise ValueError(f"{text} is not a number that JSON can carry")
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f"{text} is beyond what a number can hold")
        return number
    return text


def _short(text: str) -> str:
    if len(text.lstrip("+-")) > _MOST_DIGITS:
        raise ValueError(f"{text[:20]} has more digits than a number can hold; put an id in quotes")
    return text
