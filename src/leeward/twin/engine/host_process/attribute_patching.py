"""Replaces attributes of moto, and fails with a clear error when an attribute no longer exists."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from leeward.twin.errors import MotoPatchFailed

INTERPRETER_PACKAGE = "moto.stepfunctions.parser"


def replace_attribute(owner: Any, name: str, new: Any) -> Any:
    """Set `owner.name` to `new` and return the previous value.

    Raises MotoPatchFailed when the attribute does not exist.
    """
    if not hasattr(owner, name):
        raise MotoPatchFailed(f"moto has changed: {getattr(owner, '__name__', owner)} has no {name}")
    before = getattr(owner, name)
    setattr(owner, name, new)
    return before


def list_interpreter_modules() -> Iterator[tuple[str, ModuleType]]:
    """Yield the name and module of every imported module of the interpreter."""
    for name, module in list(sys.modules.items()):
        if name.startswith(INTERPRETER_PACKAGE):
            yield name, module


def replace_in_interpreter(old: Any, new: Any) -> list[str]:
    """Rebind every name in the interpreter that is bound to `old` (by identity). Return the names as `module.name`."""
    rebound_names = []
    for module_name, module in list_interpreter_modules():
        for name, value in list(vars(module).items()):
            if value is old:
                setattr(module, name, new)
                rebound_names.append(f"{module_name}.{name}")
    return rebound_names
