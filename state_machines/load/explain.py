"""What a model refuses, in words: place, what is wrong, what was expected, the nearest valid word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from leeward.state_machines.load.nodes import Value
from leeward.state_machines.load.shapes import Shapes
from leeward.state_machines.places import Loc, Place, Source
from leeward.state_machines.problems import Problem, did_you_mean, one_of

_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "model_type": "a mapping, such as `key: value` on lines of their own",
    "model_attributes_type": "a mapping, such as `key: value` on lines of their own",
    "dict_type": "a mapping, such as `key: value` on lines of their own",
    "mapping_type": "a mapping, such as `key: value` on lines of their own",
    "tuple_type": "a list, such as [a, b]",
    "list_type": "a list, such as [a, b]",
}


def explain(error: ValidationError, data: Value, source: Source, shapes: Shapes) -> list[Problem]:
    """One problem for each of pydantic's complaints about `data`."""
    return [_problem(details, data, source, shapes) for details in error.errors(include_url=False)]


def _problem(details: ErrorDetails, data: Value, source: Source, shapes: Shapes) -> Problem:
    loc, on_key = _loc(details["loc"], data)
    context: Mapping[str, Any] = details.get("ctx", {})
    place, got = Place(source, loc), loc[-1] if on_key else _at(data, loc)
    explained = _EXPLAINED.get(details["type"])
    if explained is not None:
        problem = explained(place, context, got, shapes)
        mark = source.mark(loc, key=True)
        return replace(problem, line=mark.line, column=mark.column) if on_key else problem
    if details["type"] in _TYPES:
        hint = "put it in quotes" if details["type"] == "string_type" and isinstance(got, int | float) else ""
        return place.problem(f"{_field(loc)} is {_show(got)}", expected=_TYPES[details["type"]], hint=hint)
    # Our own validators say what is wrong, then what was expected.
    text = str(context["error"]) if details["type"] == "value_error" else _lower(details["msg"])
    message, _, expected = text.partition("; expected ")
    return place.problem(message, expected=expected or _lower(shapes.at(loc).description), key=on_key)


def _missing(place: Place, _context: Mapping[str, Any], _got: Value, shapes: Shapes) -> Problem:
    name = str(place.loc[-1])
    description = shapes.at(place.loc).description
    inside = Place(place.source, place.loc[:-1])
    return inside.problem(f"{name} is missing", expected=_lower(description))


def _unknown_key(place: Place, _context: Mapping[str, Any], _got: Value, shapes: Shapes) -> Problem:
    valid = shapes.at(place.loc[:-1]).keys
    name = str(place.loc[-1])
    written = [key for key in valid if (*place.loc[:-1], key) in place.source.keys]
    hint = did_you_mean(name, [key for key in valid if key not in written])
    return place.problem(f'unknown key "{name}"', expected=one_of(valid), hint=hint, key=True)


def _wrong_word(place: Place, context: Mapping[str, Any], got: Value, shapes: Shapes) -> Problem:
    words = list(context.get("words") or shapes.at(place.loc).words)
    return place.problem(f"{_field(place.loc)} is {_show(got)}", expected=one_of(words), hint=did_you_mean(got, words))


def _unknown_kind(place: Place, _context: Mapping[str, Any], got: Value, shapes: Shapes) -> Problem:
    words = shapes.at(place.loc).kinds
    kind = got.get("kind") if isinstance(got, dict) else None
    return place.at("kind").problem(
        f"unknown kind {_show(kind)}", expected=one_of(words), hint=did_you_mean(kind, words)
    )


def _no_kind(place: Place, _context: Mapping[str, Any], got: Value, shapes: Shapes) -> Problem:
    near = [key for key in got if did_you_mean(key, ["kind"])] if isinstance(got, dict) else []
    hint = f'did you mean "kind" by "{near[0]}"?' if near else ""
    return place.problem("kind is missing", expected=f"kind: {one_of(shapes.at(place.loc).kinds)}", hint=hint)


def _length(place: Place, context: Mapping[str, Any], got: Value, _shapes: Shapes) -> Problem:
    least, most = context.get("min_length"), context.get("max_length")
    bound = f"at least {least}" if least is not None else f"at most {most}"
    if isinstance(got, str):
        return place.problem(f"{_field(place.loc)} has {len(got)} characters", expected=bound)
    if not got:
        return place.problem(f"{_field(place.loc)} is empty", expected=bound)
    return place.problem(
        f"{_field(place.loc)} has {len(got) if isinstance(got, list | dict) else 0} entries", expected=bound
    )


def _bound(place: Place, context: Mapping[str, Any], got: Value, _shapes: Shapes) -> Problem:
    words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    expected = " and ".join(f"{words[bound]} {value}" for bound, value in context.items() if bound in words)
    return place.problem(f"{_field(place.loc)} is {_show(got)}", expected=expected)


_EXPLAINED: dict[str, Callable[[Place, Mapping[str, Any], Value, Shapes], Problem]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "literal_error": _wrong_word,
    "enum": _wrong_word,
    "word": _wrong_word,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _no_kind,
    **dict.fromkeys(("too_short", "too_long", "string_too_short", "string_too_long"), _length),
    **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), _bound),
}


def _loc(loc: Loc, data: Value) -> tuple[Loc, bool]:
    """pydantic's place as the document's: without the kinds of unions that it puts in; and whether it means the key."""
    found: list[str | int] = []
    here: Value = data
    on_key = False
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if part == "[key]":
            on_key = True
        elif isinstance(here, dict) and isinstance(part, str):
            if part in here:
                here = here[part]
                found.append(part)
            elif part != here.get("kind"):
                found.append(part)
                here = None
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
            found.append(part)
        elif last:
            found.append(part)
    return tuple(found), on_key


def _at(data: Value, loc: Loc) -> Value:
    for part in loc:
        if isinstance(data, dict) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _field(loc: Loc) -> str:
    names = [part for part in loc if isinstance(part, str)]
    if not names:
        return "the document"
    return f"an entry of {names[-1]}" if isinstance(loc[-1], int) else names[-1]


def _show(got: Value) -> str:
    match got:
        case None:
            return "empty"
        case bool():
            return "true" if got else "false"
        case str():
            return f'"{got}"' if len(got) <= 40 else f'"{got[:40]}…"'  # noqa: PLR2004 - fits a line
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return f"the number {got}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
