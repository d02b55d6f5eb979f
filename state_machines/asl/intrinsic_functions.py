"""Builds calls of Step Functions' intrinsic functions."""

from __future__ import annotations

# In an intrinsic function, these need a backslash, which the twin's engine cannot parse (moto 5.2.5).
_ESCAPED_CHARACTERS = frozenset("'{}\\")


def format_string(*parts: str) -> str:
    """Return a `States.Format` call over literal texts and values. A part that starts with `$.` or `States.` is a
    value.

    Raises ValueError when a literal needs escaping.
    """
    template, values = "", []
    for part in parts:
        if part.startswith(("$.", "States.")):
            template += "{}"
            values.append(part)
        elif _ESCAPED_CHARACTERS & set(part):
            raise ValueError(f"{part!r} has a character that must be escaped in an intrinsic function")
        else:
            template += part
    return f"States.Format('{template}'{''.join(f', {value}' for value in values)})"


def math_add(path: str, number: int) -> str:
    """Return a `States.MathAdd` call."""
    return f"States.MathAdd({path}, {number})"


def json_to_string(path: str) -> str:
    """Return a `States.JsonToString` call."""
    return f"States.JsonToString({path})"


def string_to_json(path: str) -> str:
    """Return a `States.StringToJson` call."""
    return f"States.StringToJson({path})"
