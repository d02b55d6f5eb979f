"""Paths, templates, and intrinsic functions, as the Amazon States Language defines them for JSONPath.

Source: https://states-language.net/spec.html, "Paths", "Payload Template", and "Intrinsic Functions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Data: TypeAlias = Any
Filler: TypeAlias = Callable[[Data, Data], Data]
_INTRINSIC = re.compile(r"States\.(\w+)\((.*)\)", re.DOTALL)
_ARGUMENT = re.compile(r"\s*('(?:[^'])*'|States\.\w+\(.*\)|[^,]+)\s*(?:,|$)", re.DOTALL)


class DataError(Exception):
    """A path, template, or intrinsic function that Step Functions can't evaluate on the state's data."""


def select(path: str, data: Data) -> Data:
    """Return the value at `path`. Raises DataError if there is none."""
    if path == "$":
        return data
    if not path.startswith("$."):
        return _missing(path)
    for part in path[2:].split("."):
        if type(data) is not dict or part not in data:
            return _missing(path)
        data = data[part]
    return data


def _missing(path: str) -> Data:
    raise DataError(f"reads {path}, which isn't in its data")


def write(path: str | None, data: Data, value: Data) -> Data:
    """Return `data` with `value` at `path`. None discards the value. Raises DataError if it can't be written."""
    if path is None:
        return data
    if path == "$":
        return value
    if not path.startswith("$.") or type(data) is not dict:
        raise DataError(f"writes {path}, which it can't")
    first, _, rest = path[2:].partition(".")
    inner = write(f"$.{rest}", data.get(first, {}), value) if rest else value
    return {**data, first: inner}


@dataclass
class Templates:
    """Fills payload templates. Remembers how, because a template is filled in many scenarios."""

    _known: dict[int, tuple[Data, Filler]] = field(default_factory=dict)

    def fill(self, template: Data, data: Data, context: Data) -> Data:
        """Return a payload template with its values. `context` is the Context Object, which paths with `$$` read."""
        known = self._known.get(id(template))
        if known is None:
            known = self._known[id(template)] = template, _filler(template) or _constant(template)
        return known[1](data, context)


def fill(template: Data, data: Data, context: Data) -> Data:
    """Return a payload template with its values, for a template that is filled once."""
    return (_filler(template) or _constant(template))(data, context)


def _filler(template: Data) -> Filler | None:
    """Return how to fill a template, or None for one without paths."""
    if isinstance(template, Mapping):
        fillers = {key: _member_filler(key, value) for key, value in template.items()}
    elif isinstance(template, Sequence) and not isinstance(template, str):
        fillers = {number: _filler(value) for number, value in enumerate(template)}
    else:
        return None
    if not any(fillers.values()):
        return None
    is_list = not isinstance(template, Mapping)
    parts = [
        (key if is_list else str(key).removesuffix(".$"), filler or _constant(template[key]))
        for key, filler in fillers.items()
    ]
    if is_list:
        return lambda data, context: [filler(data, context) for _, filler in parts]
    return lambda data, context: {key: filler(data, context) for key, filler in parts}


def _member_filler(key: str, value: Data) -> Filler | None:
    return (lambda data, context: evaluate(value, data, context)) if key.endswith(".$") else _filler(value)


def _constant(value: Data) -> Filler:
    plain = _plain(value)
    return lambda _data, _context: plain


def _plain(value: Data) -> Data:
    """Return the value with dicts and lists only, so that equal values compare as equal."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def evaluate(text: Data, data: Data, context: Data) -> Data:
    """Return the value of a path or an intrinsic function."""
    if not isinstance(text, str):
        raise DataError(f"has {text!r} where a path is needed")
    if text.startswith("$$"):
        return select(text[1:], context)
    if text.startswith("$"):
        return select(text, data)
    found = _INTRINSIC.fullmatch(text)
    if found is None:
        raise DataError(f"has {text!r} where a path or an intrinsic function is needed")
    return _call(found.group(1), [_argument(part.strip(), data, context) for part in _split(found.group(2))])


def _split(text: str) -> list[str]:
    parts, position = [], 0
    while position < len(text):
        found = _ARGUMENT.match(text, position)
        if found is None:
            raise DataError(f"has arguments that can't be read: {text}")
        parts.append(found.group(1))
        position = found.end()
    return parts


def _argument(part: str, data: Data, context: Data) -> Data:
    if part.startswith("'"):
        return part[1:-1]
    return int(part) if re.fullmatch(r"-?\d+", part) else evaluate(part, data, context)


def _call(name: str, arguments: list[Data]) -> Data:
    match name, arguments:
        case "Format", [str(template), *values]:
            texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
            if template.count("{}") != len(texts):
                raise DataError(f"has {len(texts)} values for {template!r}")
            pieces = template.split("{}")
            return "".join(piece + text for piece, text in zip(pieces, [*texts, ""], strict=True))
        case "MathAdd", [int(first), int(second)]:
            return first + second
        case "JsonToString", [value]:
            return json.dumps(value)
        case "StringToJson", [str(text)]:
            return _parse(text)
        case _:
            raise DataError(f"calls States.{name}, which can't be evaluated on its data")


def _parse(text: str) -> Data:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError(f"parses a text that isn't JSON: {text!r:.60}") from error
