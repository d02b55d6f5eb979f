"""Step Functions' intrinsic functions, written out."""

from __future__ import annotations

# These would have to be escaped by a backslash, which the twin's engine cannot read (moto 5.2.5).
_ESCAPED_CHARACTERS = frozenset("'{}\\")


def format_string(*parts: str) -> str:
    """`States.Format` over literal texts and paths: a part that starts with `$.` or `States.` is a value.

    Raises ValueError for a literal that would need escaping.
    """
    template, values = "", []
    for part in parts:
        if part.startswith(("$.", "States.")):
            template += "{}"
            values.append(part)
        elif _ESCAPED_CHARACTERS & set(part):
            raise ValueError(f"{part!r} holds a character that an intrinsic function cannot hold as it is")
        else:
            template += part
    return f"States.Format('{template}'{''.join(f', {value}' for value in values)})"


def array_contains(path: str, word: str) -> str:
    """`States.ArrayContains`: whether the list at `path` holds `word`."""
    return f"States.ArrayContains({path}, '{word}')"


def math_add(path: str, number: int) -> str:
    """`States.MathAdd`."""
    return f"States.MathAdd({path}, {number})"


def json_to_string(path: str) -> str:
    """`States.JsonToString`."""
    return f"States.JsonToString({path})"


def string_to_json(path: str) -> str:
    """`States.StringToJson`."""
    return f"States.StringToJson({path})"
