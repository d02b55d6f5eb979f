"""The modules of moto's Step Functions interpreter, and the replacement of a value in all of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from leeward.twin.patching.attribute_replacement import replace_attribute

INTERPRETER_PACKAGE = "moto.stepfunctions.parser"


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
                replace_attribute(module, name, new)
                rebound_names.append(f"{module_name}.{name}")
    return rebound_names
