"""The code of plug-ins that the functions run: descriptors, handlers, readiness checks. No compiler, no simulation."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

from leeward.base.import_paths import load, module_of
from leeward.kinds.descriptors.plugin import list_modules
from leeward.kinds.plugin_discovery import ENTRY_POINT_GROUP, installed_plugins

# The functions find plug-ins as any installation does: by the entry points of a distribution.
_DISTRIBUTION = "leeward_plugins-0.dist-info"


def read_plugin_files() -> dict[str, bytes]:
    """Return the contents of the files, by path in the archive. Without installed plug-ins, there are none."""
    entry_points = [entry_point for entry_point, _ in installed_plugins()]
    if not entry_points:
        return {}
    files: dict[str, bytes] = {}
    for module in sorted(_follow_imports(_list_needed_modules())):
        files |= _read_module(module)
    return files | _read_metadata(entry_points)


def list_plugin_folders() -> list[Path]:
    """Return the folders of the packages that have plug-ins, sorted."""
    specs = [spec for name in _list_packages() if (spec := find_spec(name)) is not None]
    return sorted(Path(folder) for spec in specs for folder in spec.submodule_search_locations or ())


def _list_packages() -> set[str]:
    """Return the top-level packages of plug-ins. One that uses a task of Leeward's doesn't own Leeward."""
    return {name.partition(".")[0] for name in _list_needed_modules()} - {"leeward"}


def _list_needed_modules() -> Iterator[str]:
    for entry_point, plugin in installed_plugins():
        yield entry_point.module
        kinds = list(list_modules(plugin.step_kinds))
        yield from filter(None, (plugin.step_kinds, plugin.components))
        yield from (*kinds, *list_modules(plugin.components))
        yield from map(module_of, plugin.readiness_checks)
        for task in (task for module in kinds for task in load(f"{module}:KIND").all_tasks):
            yield module_of(task.handler)


def _follow_imports(names: Iterable[str]) -> set[str]:
    """Return the plug-ins' modules among `names`, with their parents, and what they import of the same packages."""
    packages = _list_packages()
    found: set[str] = set()
    waiting = [name for name in names if name.partition(".")[0] in packages]
    while waiting:
        for module in _with_parents(waiting.pop()):
            if module not in found:
                found.add(module)
                waiting += [name for name in _imported_names(module) if name.partition(".")[0] in packages]
    return found


def _imported_names(module: str) -> Iterator[str]:
    """Yield the modules that a module imports, inside functions too. A name imported from a package may be a module."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return
    is_package = spec.submodule_search_locations is not None
    for node in ast.walk(ast.parse(Path(spec.origin).read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".") if is_package else module.split(".")[:-1]
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            yield source
            yield from (name for alias in node.names if _is_module(name := f"{source}.{alias.name}"))


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _with_parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _read_module(name: str) -> dict[str, bytes]:
    """Return the module's file. Of a package, return only `__init__`: its modules are named separately."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LookupError(f"the module {name} of a plug-in has no file. Declare its package with an __init__.py")
    origin = Path(spec.origin)
    path = name.replace(".", "/")
    return {f"{path}/__init__.py" if origin.name == "__init__.py" else f"{path}.py": origin.read_bytes()}


def _read_metadata(entry_points: list[EntryPoint]) -> dict[str, bytes]:
    lines = [f"[{ENTRY_POINT_GROUP}]", *(f"{one.name} = {one.value}" for one in entry_points)]
    return {
        f"{_DISTRIBUTION}/METADATA": b"Metadata-Version: 2.1\nName: leeward-plugins\nVersion: 0\n",
        f"{_DISTRIBUTION}/entry_points.txt": ("\n".join(lines) + "\n").encode(),
    }
