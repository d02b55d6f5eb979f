"""Converts the objects of moto and of the twin to plain values."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fnmatch import fnmatchcase
from random import Random
from tempfile import SpooledTemporaryFile
from typing import Any, cast

from moto.core.base_backend import BackendDict, BaseBackend
from moto.dynamodb.models.dynamo_type import DynamoType

from leeward.twin.state_dump.state_document import PlainValue

# Code and infrastructure of the process. They hold no state of AWS, or state that the document contains elsewhere.
_CODE = (
    type,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.ModuleType,
    types.GeneratorType,
    BackendDict,
    BaseBackend,
    Random,
)
_CODE_MODULES = (
    "threading",
    "_thread",
    "functools",
    "re",
    "leeward.twin.engine.virtual_threads",
    "leeward.twin.engine.scheduling",
    "leeward.twin.engine.host_process",
    "moto.stepfunctions.parser.asl",  # the interpreter's position in a state machine, and its history
    "moto.stepfunctions.parser.backend.execution_worker",
)
_SCALARS = (bool, int, float, str, type(None))

FindReference = Callable[[object], str | None]
Paths = Sequence[tuple[str, ...]]


def is_code(value: object) -> bool:
    """Return whether a value is code, a lock, or a backend, and not state."""
    if isinstance(value, _CODE):
        return True
    return type(value).__module__.startswith(_CODE_MODULES) or (callable(value) and not attributes_of(value))


def is_scalar(value: object) -> bool:
    """Return whether a value is plain already, or a time, a number, or a text of another type."""
    return isinstance(value, (*_SCALARS, Decimal, date, timedelta, bytes, bytearray, Enum))


def attributes_of(value: object) -> dict[str, Any]:
    """Return an object's attributes, from its `__dict__` and its slots. Properties aren't read."""
    attributes: dict[str, Any] = {}
    for base in reversed(type(value).__mro__):
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                attributes[name] = getattr(value, name)
    return attributes | dict(getattr(value, "__dict__", {}))


def contents_of(value: object, find_reference: FindReference, omitted: Paths = ()) -> dict[str, PlainValue]:
    """Return the fields of a resource, whose own object isn't replaced by its reference.

    `find_reference` returns the name of an object that is a resource of its own. The fields at the paths `omitted`,
    whose parts are patterns, are left out.
    """
    plain = _PlainConversion(find_reference).convert_content(value, omitted)
    return plain if isinstance(plain, dict) else {"value": plain}


def key_text(key: object) -> str:
    """Return the key of a mapping as text."""
    if isinstance(key, tuple):
        return "/".join(map(key_text, key))
    return str(key.value if isinstance(key, Enum | DynamoType) else key)


class _PlainConversion:
    """The conversion of one resource. It remembers the objects that it is within, because objects refer back."""

    def __init__(self, find_reference: FindReference) -> None:
        self._find_reference = find_reference
        self._within: set[int] = set()

    def convert(self, value: object, omitted: Paths = ()) -> PlainValue:
        if isinstance(value, _SCALARS) and not isinstance(value, Enum):
            return value
        if is_scalar(value):
            return _scalar_text(value)
        reference = self._find_reference(value)
        return self.convert_content(value, omitted) if reference is None else reference

    def convert_content(self, value: object, omitted: Paths) -> PlainValue:
        if is_scalar(value):
            return self.convert(value)
        if isinstance(value, DynamoType):
            return {value.type: self.convert(value.value)}
        if isinstance(value, SpooledTemporaryFile):
            return _file_digest(cast("SpooledTemporaryFile[bytes]", value))
        if id(value) in self._within:
            return "(contains itself)"
        self._within.add(id(value))
        try:
            return self._convert_compound(value, omitted)
        finally:
            self._within.discard(id(value))

    def _convert_compound(self, value: object, omitted: Paths) -> PlainValue:
        if isinstance(value, Mapping):
            own = {key_text(key): item for key, item in value.items()}
            return dict(self._fields({**own, **_extra_attributes(value, dict)}, omitted))
        if isinstance(value, list | tuple | set | frozenset) or _is_sequence(value):
            items = [self.convert(item) for item in cast("Iterator[object]", value) if not is_code(item)]
            return sorted(items, key=repr) if isinstance(value, set | frozenset) else items
        return dict(self._fields(attributes_of(value), omitted))

    def _fields(self, attributes: Mapping[str, object], omitted: Paths) -> Iterator[tuple[str, PlainValue]]:
        for name, item in attributes.items():
            below = [path[1:] for path in omitted if fnmatchcase(name, path[0])] if omitted else []
            if not is_code(item) and () not in below:
                yield name, self.convert(item, below)


def _extra_attributes(value: object, base: type) -> dict[str, Any]:
    """Return what a subclass of a collection adds to it, such as the deleted keys of a bucket."""
    return {} if type(value) is base else attributes_of(value)


def _is_sequence(value: object) -> bool:
    return type(value).__name__ in ("deque", "dict_values", "dict_keys", "odict_values")


def _scalar_text(value: object) -> PlainValue:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def _file_digest(file: SpooledTemporaryFile[bytes]) -> str:
    position = file.tell()
    file.seek(0)
    digest = hashlib.sha256(file.read()).hexdigest()
    file.seek(position)
    return f"sha256 {digest}"
