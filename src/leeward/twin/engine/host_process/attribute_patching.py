"""Replacing one attribute of moto's, with a clear error when it is no longer there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from leeward.twin.errors import MotoPatchFailed

INTERPRETER_PACKAGE = "moto.stepfunctions.parser"


def replace_attribute(owner: Any, name: str, new: Any) -> Any:
    """Set `owner.name` to `new`; what was there before. Raises RepairFailed when nothing was."""
    if not hasattr(owner, name):
        raise MotoPatchFailed(f"moto has changed: {getattr(owner, '__name__', owner)} has no {name}")
    before = getattr(owner, name)
    setattr(owner, name, new)
    return before


def list_interpreter_modules() -> Iterator[tuple[str, ModuleType]]:
    """Every module of the interpreter that is imported by now."""
    for name, module in list(sys.modules.items()):
        if name.startswith(INTERPRETER_PACKAGE):
            yield name, module


def replace_in_interpreter(old: Any, new: Any) -> list[str]:
    """In every module of the interpreter, every name bound to `old` (by identity) is bound to `new`; `module.name`s."""
    touched = []
    for module_name, module in list_interpreter_modules():
        for name, value in list(vars(module).items()):
            if value is old:
                setattr(module, name, new)
                touched.append(f"{module_name}.{name}")
    return touched
