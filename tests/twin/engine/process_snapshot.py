"""What a process holds of Python's clocks, ids, threads, and random numbers, and of moto, attribute by attribute."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from random import Random
from types import FunctionType, MethodType, ModuleType
from typing import Any

# What time-machine resets whenever time jumps: uuid1 derives the next ID from it.
_NOT_COMPARED = {"uuid._last_timestamp"}
# Python and moto fill these themselves, in the twin or out of it.
_INTERPRETER_NAMES = {
    "__builtins__", "__warningregistry__", "__abstractmethods__", "_abc_impl", "__annotations__",
    "__slotnames__",  # the copy module adds it to each class that it copies
    "instances_tracked",  # moto replaces it whenever it resets its data
}  # fmt: skip
_PYTHON = (time, uuid, threading, random)


@dataclass(frozen=True)
class ProcessSnapshot:
    """Each attribute by its full name, with its value, and the contents of shared containers."""

    values: Mapping[str, Any]
    contents: Mapping[str, Any]

    def differences(self, later: ProcessSnapshot) -> list[str]:
        """The names of what has been replaced, added, or removed, and of the containers that hold something else."""
        owners = {_owner(name) for name in self.values}
        replaced = [name for name, value in self.values.items() if not _is_same(later.values.get(name, _GONE), value)]
        added = [
            name
            for name, value in later.values.items()
            if name not in self.values and _owner(name) in owners and not _is_submodule(value)
        ]
        changed = [name for name, held in self.contents.items() if later.contents.get(name, held) != held]
        return sorted({*replaced, *added, *changed} - _NOT_COMPARED)


_GONE = object()


def _is_same(one: Any, other: Any) -> bool:
    # Equal texts and numbers are the same: `time.tzset` makes new ones.
    return one is other or (type(one) in (int, str, tuple) and type(one) is type(other) and bool(one == other))


def _owner(name: str) -> str:
    return name.rpartition(".")[0]


def _is_submodule(value: Any) -> bool:
    return isinstance(value, ModuleType) and value.__name__.startswith("moto")


def import_simulated_services() -> None:
    """Import what moto imports for the first call of a service, so that a comparison covers it."""
    for name in ("models", "responses", "urls", "exceptions"):
        for service in _SERVICES:
            try:
                import_module(f"moto.{service}.{name}")
            except ModuleNotFoundError as error:
                assert (error.name or "").startswith("moto.")  # noqa: PT017 - not every service has each of them


_SERVICES = (
    "acm", "awslambda", "awslambda_simple", "cloudwatch", "dynamodb", "dynamodbstreams",
    "ec2", "elbv2", "events", "iam", "kms", "logs", "route53", "s3", "scheduler", "secretsmanager", "servicequotas",
    "sns", "sqs", "ssm", "stepfunctions", "stepfunctions.parser", "sts",
)  # fmt: skip


def take_snapshot() -> ProcessSnapshot:
    """The process as it is now. The values are kept, so that no other object can take their place."""
    values: dict[str, Any] = {"os.urandom": os.urandom}
    contents: dict[str, Any] = {"sys.modules": {n for n in sys.modules if n.startswith("moto.twin")}}
    for name, value in _attributes():
        values[name] = value
        held = _contents(value)
        if held is not None:
            contents[name] = held
    return ProcessSnapshot(values, contents)


def _attributes() -> Iterator[tuple[str, Any]]:
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "moto"]
    for module in (*_PYTHON, *modules):
        yield from _attributes_of(module, module.__name__)
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield from _attributes_of(value, f"{module.__name__}.{value.__qualname__}")


def _attributes_of(owner: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(owner).items()):
        if name not in _INTERPRETER_NAMES:
            yield f"{path}.{name}", value


def find_leftovers() -> list[str]:
    """Names in moto and in Python's modules, those imported since included, that are bound to something of the twin."""
    return [name for name, value in _attributes() if _defined_in(value).startswith("leeward.")]


def _defined_in(value: Any) -> str:
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, classmethod | staticmethod):
        value = value.__func__
    elif not isinstance(value, FunctionType | MethodType | type):
        value = type(value)
    return str(getattr(value, "__module__", ""))


def _contents(value: Any) -> Any:
    """The elements of a container by identity, or the state of a generator of random numbers."""
    if isinstance(value, Random):
        return value.getstate()
    if type(value) is list:
        return [*map(id, value)]
    if type(value) is set:
        return {*map(id, value)}
    if type(value) is dict:
        return {key if isinstance(key, str) else id(key): id(each) for key, each in value.items()}
    return None
