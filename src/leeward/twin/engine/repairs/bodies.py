"""Bodies of answers in JSON, written at once where they are as the service's model has them."""

from __future__ import annotations

import calendar
import functools
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.core.responses import ActionResult

from leeward.twin.engine.repairs.replacing import replace

_OK = 200
# moto answers these with items that are dicts of wire names already.
_DYNAMODB = frozenset({"Query", "GetItem", "PutItem", "DeleteItem", "UpdateItem", "BatchGetItem", "TransactWriteItems"})


def bodies_written_at_once() -> None:
    """Raw moto walks through each answer member by member, for the names that an object might hold it under. An answer
    that is held against the model anyway, or made of items, has the names already."""

    def execute_result(self: Any, context: Any) -> Any:
        result, operation = self.result, context.operation_model
        if type(result) is dict and _is_modelled(context) and _is_plain(operation) and _fits(operation, result):
            body = _written(result)
            if body is not None:
                return _OK, {"Content-Type": _content_type(operation)}, body
        return original(self, context)

    original = replace(ActionResult, "execute_result", execute_result)


def _is_modelled(context: Any) -> bool:
    if context.service_model.service_name == "dynamodb":
        return str(context.operation_model.name) in _DYNAMODB
    return getattr(context.response, "answers_as_modelled", False)


@functools.lru_cache(maxsize=512)
def _is_plain(operation: Any) -> bool:
    """Whether the whole output travels in the body, as JSON, under the names of the model."""
    if operation.service_model.protocol not in ("json", "rest-json") or operation.output_shape is None:
        return False
    found = _members(operation.output_shape, set())
    return operation.http.get("responseCode", _OK) == _OK and all(_travels_plainly(*member) for member in found)


def _fits(operation: Any, result: dict[str, Any]) -> bool:
    return set(result) <= set(operation.output_shape.members)


def _members(shape: Shape, seen: set[str]) -> Iterator[tuple[str, Shape]]:
    if shape.name in seen:
        return
    seen.add(shape.name)
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
        yield from _members(member, seen)


def _travels_plainly(name: str, shape: Shape) -> bool:
    told = shape.serialization
    if told.get("location") or "payload" in told or "timestampFormat" in told:
        return False
    return not name or told.get("name", name) == name


def _content_type(operation: Any) -> str:
    metadata = operation.service_model.metadata
    return f"application/x-amz-json-{metadata['jsonVersion']}" if metadata["protocol"] == "json" else "application/json"


def _written(result: Any) -> str | None:
    """None where something in it is no JSON: it is for moto to say how that travels."""
    try:
        return json.dumps(result, default=_seconds)
    except TypeError:
        return None


def _seconds(value: object) -> float:
    """A time, as JSON protocols have it: seconds since 1970, to the millisecond."""
    if not isinstance(value, datetime):
        raise TypeError
    whole = calendar.timegm(value.utctimetuple())
    return whole + value.microsecond // 1000 / 1000 if value.microsecond else whole
