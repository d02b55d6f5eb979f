"""Turns pydantic's validation errors into problems: the location, what is wrong, what was expected, and a
suggestion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from leeward.state_machines.diagnostics.document_locations import DocumentLocation, DocumentPath, DocumentSource
from leeward.state_machines.diagnostics.problems import DocumentProblem, did_you_mean, format_alternatives
from leeward.state_machines.load.schema_shapes import DocumentShapes
from leeward.state_machines.load.yaml_parser.yaml_nodes import YamlValue

_TYPE_NAMES = {
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


def explain_errors(
    error: ValidationError, data: YamlValue, source: DocumentSource, shapes: DocumentShapes
) -> list[DocumentProblem]:
    """Return one problem for each of pydantic's errors about `data`."""
    return [_explain_error(details, data, source, shapes) for details in error.errors(include_url=False)]


def _explain_error(
    details: ErrorDetails, data: YamlValue, source: DocumentSource, shapes: DocumentShapes
) -> DocumentProblem:
    loc, on_key = _document_path(details["loc"], data)
    context: Mapping[str, Any] = details.get("ctx", {})
    location, got = DocumentLocation(source, loc), loc[-1] if on_key else _value_at(data, loc)
    explained = _EXPLAINERS.get(details["type"])
    if explained is not None:
        problem = explained(location, context, got, shapes)
        mark = source.position_of(loc, key=True)
        return replace(problem, line=mark.line, column=mark.column) if on_key else problem
    if details["type"] in _TYPE_NAMES:
        hint = "put it in quotes" if details["type"] == "string_type" and isinstance(got, int | float) else ""
        return location.problem(
            f"{_field_name(loc)} is {_describe(got)}", expected=_TYPE_NAMES[details["type"]], hint=hint
        )
    # Leeward's validators say what is wrong, then what was expected.
    text = str(context["error"]) if details["type"] == "value_error" else _lower_first(details["msg"])
    message, _, expected = text.partition("; expected ")
    return location.problem(message, expected=expected or _lower_first(shapes.shape_at(loc).description), key=on_key)


def _missing(
    location: DocumentLocation, _context: Mapping[str, Any], _got: YamlValue, shapes: DocumentShapes
) -> DocumentProblem:
    name = str(location.document_path[-1])
    description = shapes.shape_at(location.document_path).description
    parent = DocumentLocation(location.source, location.document_path[:-1])
    return parent.problem(f"{name} is missing", expected=_lower_first(description))


def _unknown_key(
    location: DocumentLocation, _context: Mapping[str, Any], _got: YamlValue, shapes: DocumentShapes
) -> DocumentProblem:
    valid = shapes.shape_at(location.document_path[:-1]).keys
    name = str(location.document_path[-1])
    written = [key for key in valid if (*location.document_path[:-1], key) in location.source.key_positions]
    hint = did_you_mean(name, [key for key in valid if key not in written])
    return location.problem(f'unknown key "{name}"', expected=format_alternatives(valid), hint=hint, key=True)


def _wrong_word(
    location: DocumentLocation, context: Mapping[str, Any], got: YamlValue, shapes: DocumentShapes
) -> DocumentProblem:
    words = list(context.get("words") or shapes.shape_at(location.document_path).words)
    return location.problem(
        f"{_field_name(location.document_path)} is {_describe(got)}",
        expected=format_alternatives(words),
        hint=did_you_mean(got, words),
    )


def _unknown_kind(
    location: DocumentLocation, _context: Mapping[str, Any], got: YamlValue, shapes: DocumentShapes
) -> DocumentProblem:
    words = shapes.shape_at(location.document_path).kinds
    kind = got.get("kind") if isinstance(got, dict) else None
    return location.child("kind").problem(
        f"unknown kind {_describe(kind)}", expected=format_alternatives(words), hint=did_you_mean(kind, words)
    )


def _no_kind(
    location: DocumentLocation, _context: Mapping[str, Any], got: YamlValue, shapes: DocumentShapes
) -> DocumentProblem:
    near = [key for key in got if did_you_mean(key, ["kind"])] if isinstance(got, dict) else []
    hint = f'did you mean "kind" by "{near[0]}"?' if near else ""
    return location.problem(
        "kind is missing",
        expected=f"kind: {format_alternatives(shapes.shape_at(location.document_path).kinds)}",
        hint=hint,
    )


def _length(
    location: DocumentLocation, context: Mapping[str, Any], got: YamlValue, _shapes: DocumentShapes
) -> DocumentProblem:
    least, most = context.get("min_length"), context.get("max_length")
    bound = f"at least {least}" if least is not None else f"at most {most}"
    if isinstance(got, str):
        return location.problem(f"{_field_name(location.document_path)} has {len(got)} characters", expected=bound)
    if not got:
        return location.problem(f"{_field_name(location.document_path)} is empty", expected=bound)
    return location.problem(
        f"{_field_name(location.document_path)} has {len(got) if isinstance(got, list | dict) else 0} entries",
        expected=bound,
    )


def _bound(
    location: DocumentLocation, context: Mapping[str, Any], got: YamlValue, _shapes: DocumentShapes
) -> DocumentProblem:
    words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    expected = " and ".join(f"{words[bound]} {value}" for bound, value in context.items() if bound in words)
    return location.problem(f"{_field_name(location.document_path)} is {_describe(got)}", expected=expected)


_EXPLAINERS: dict[str, Callable[[DocumentLocation, Mapping[str, Any], YamlValue, DocumentShapes], DocumentProblem]] = {
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


def _document_path(loc: DocumentPath, data: YamlValue) -> tuple[DocumentPath, bool]:
    """Convert pydantic's location to the document's: drop the kinds of unions, and return whether it refers to
    a key.
    """
    path: list[str | int] = []
    value: YamlValue = data
    on_key = is_kind_dropped = False
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if part == "[key]":
            on_key = True
            continue
        if isinstance(value, dict) and part == value.get("kind") and not is_kind_dropped:
            is_kind_dropped = True  # the kind comes first, so a field with the same name can follow
            continue
        is_kind_dropped = False
        if isinstance(value, dict) and isinstance(part, str):
            if part in value:
                value = value[part]
                path.append(part)
            else:
                path.append(part)
                value = None
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
            path.append(part)
        elif last:
            path.append(part)
    return tuple(path), on_key


def _value_at(data: YamlValue, loc: DocumentPath) -> YamlValue:
    for part in loc:
        if isinstance(data, dict) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _field_name(loc: DocumentPath) -> str:
    names = [part for part in loc if isinstance(part, str)]
    if not names:
        return "the document"
    return f"an entry of {names[-1]}" if isinstance(loc[-1], int) else names[-1]


def _describe(got: YamlValue) -> str:
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


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
