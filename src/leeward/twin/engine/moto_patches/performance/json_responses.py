"""Writes the JSON body of a response directly when it already has the form of the service's model."""

from __future__ import annotations

import calendar
import functools
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.core.responses import ActionResult

from leeward.twin.patching.attribute_replacement import replace_attribute

_OK = 200
# moto's items in these responses already use the wire names.
_DYNAMODB_OPERATIONS = frozenset(
    {"Query", "GetItem", "PutItem", "DeleteItem", "UpdateItem", "BatchGetItem", "TransactWriteItems"}
)


def write_json_directly() -> None:
    """Write a response directly when its members already have the names of the model.

    Unpatched moto looks up each member under every name that an object might use. A response that is validated against
    the model, or that consists of items, already has the right names.
    """

    def execute_result(self: Any, context: Any) -> Any:
        result, operation = self.result, context.operation_model
        if (
            type(result) is dict
            and _has_model_names(context)
            and _is_plain_json_output(operation)
            and _matches_output_shape(operation, result)
        ):
            body = _to_json(result)
            if body is not None:
                return _OK, {"Content-Type": _content_type(operation)}, body
        return original(self, context)

    original = replace_attribute(ActionResult, "execute_result", execute_result)


def _has_model_names(context: Any) -> bool:
    if context.service_model.service_name == "dynamodb":
        return str(context.operation_model.name) in _DYNAMODB_OPERATIONS
    return getattr(context.response, "answers_as_modelled", False)


@functools.lru_cache(maxsize=512)
def _is_plain_json_output(operation: Any) -> bool:
    """Return whether the whole output is in the body, as JSON, under the names of the model."""
    if operation.service_model.protocol not in ("json", "rest-json") or operation.output_shape is None:
        return False
    members = _walk_members(operation.output_shape, set())
    return operation.http.get("responseCode", _OK) == _OK and all(_is_plain_member(*member) for member in members)


def _matches_output_shape(operation: Any, result: dict[str, Any]) -> bool:
    return set(result) <= set(operation.output_shape.members)


def _walk_members(shape: Shape, visited_shapes: set[str]) -> Iterator[tuple[str, Shape]]:
    if shape.name in visited_shapes:
        return
    visited_shapes.add(shape.name)
    inner: dict[str, Shape] = {}
    if isinstance(shape, StructureShape):
        inner = dict(shape.members)
        if "payload" in shape.serialization:
            yield "", shape
    elif isinstance(shape, ListShape):
        inner = {"member": shape.member}
    elif isinstance(shape, MapShape):
        inner = {"value": shape.value}
    for name, member in inner.items():
        yield (name if isinstance(shape, StructureShape) else ""), member
        yield from _walk_members(member, visited_shapes)


def _is_plain_member(name: str, shape: Shape) -> bool:
    serialization = shape.serialization
    if serialization.get("location") or "payload" in serialization or "timestampFormat" in serialization:
        return False
    return not name or serialization.get("name", name) == name


def _content_type(operation: Any) -> str:
    metadata = operation.service_model.metadata
    return f"application/x-amz-json-{metadata['jsonVersion']}" if metadata["protocol"] == "json" else "application/json"


def _to_json(result: Any) -> str | None:
    """Return the JSON text, or None when a value is not JSON and moto must serialize it."""
    try:
        return json.dumps(result, default=_to_epoch_seconds)
    except TypeError:
        return None


def _to_epoch_seconds(value: object) -> float:
    """Return a time as JSON protocols write it: seconds since 1970, with milliseconds."""
    if not isinstance(value, datetime):
        raise TypeError
    whole = calendar.timegm(value.utctimetuple())
    return whole + value.microsecond // 1000 / 1000 if value.microsecond else whole
