"""Loads what a descriptor names, when it is first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

# "package.module:name", as in an entry point.
ImportPath: TypeAlias = str


class BrokenImportPath(ImportError):
    """Raised when an import path names nothing. The message has the path, and what it should be."""


@cache
def load(path: ImportPath) -> Any:
    """Return what `path` names. Raises BrokenImportPath when its module or its name does not exist.

    An ImportError inside the module is raised as it is, because it says more: a missing dependency, or a defect.
    """
    module_name, separator, name = path.partition(":")
    if not separator or not module_name or not name:
        raise BrokenImportPath(f'"{path}" is not an import path; expected package.module:name')
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise BrokenImportPath(f'"{path}": there is no module {error.name}') from error
    try:
        return getattr(module, name)
    except AttributeError:
        raise BrokenImportPath(f'"{path}": the module {module_name} has no {name}') from None


def module_of(path: ImportPath) -> str:
    """Return the module that `path` names, without loading it."""
    return path.partition(":")[0]
