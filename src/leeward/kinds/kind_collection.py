"""Collects the kinds of all plug-ins, and what their steps declare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from leeward.base.import_paths import load
from leeward.kinds.descriptors.component_kind import ComponentKind
from leeward.kinds.descriptors.plugin import list_modules
from leeward.kinds.descriptors.step_kind import StepKind, Task
from leeward.kinds.plugin_discovery import PluginError, plugins

D = TypeVar("D", StepKind, ComponentKind)


def collect_step_kinds() -> Mapping[str, StepKind]:
    """Return the step kinds by name, sorted. Raises PluginError when two plug-ins have the same kind."""
    return _collect(((p.name, p.step_kinds) for p in plugins()), StepKind)


def collect_component_kinds() -> Mapping[str, ComponentKind]:
    """Return the component kinds by name, sorted. Raises PluginError when two plug-ins have the same kind."""
    return _collect(((p.name, p.components) for p in plugins()), ComponentKind)


def collect_tasks(kinds: Iterable[StepKind]) -> Mapping[str, Task]:
    """Return the tasks of the kinds by name. Raises PluginError when two kinds declare a task differently."""
    tasks: dict[str, Task] = {}
    for kind in kinds:
        for task in kind.all_tasks:
            if tasks.setdefault(task.name, task) != task:
                raise PluginError(f"two kinds declare the task {task.name} differently. One of them is {kind.name}")
    return tasks


def plugin_of(kind: StepKind | ComponentKind) -> str:
    """Return the name of the plug-in that has the kind. Raises LookupError when no plug-in has it."""
    for plugin in plugins():
        package = plugin.step_kinds if isinstance(kind, StepKind) else plugin.components
        if any(load(f"{module}:KIND") is kind for module in list_modules(package)):
            return plugin.name
    raise LookupError(f"no plug-in has the kind {kind.name}")


def _collect(packages: Iterable[tuple[str, str | None]], descriptor: type[D]) -> Mapping[str, D]:
    found: dict[str, tuple[str, D]] = {}
    for plugin, package in packages:
        for module in _load_part(plugin, str(package), lambda name: list(list_modules(name))) if package else ():
            kind = _load_part(plugin, module, lambda name: load(f"{name}:KIND"))
            if not isinstance(kind, descriptor):
                raise PluginError(f"the plug-in {plugin}: KIND in {module} is not a {descriptor.__name__}")
            if not isinstance(kind.name, str) or not kind.name:
                raise PluginError(f"the plug-in {plugin}: KIND in {module} has no name")
            if kind.name in found:
                raise PluginError(f"{kind.name} is a kind of both {found[kind.name][0]} and {plugin}")
            found[kind.name] = plugin, kind
    return {name: kind for name, (_, kind) in sorted(found.items())}


def _load_part(plugin: str, name: str, loader: Callable[[str], Any]) -> Any:
    """Return what `loader` loads from the module or package `name`. Raises PluginError for any error."""
    try:
        return loader(name)
    except Exception as error:
        raise PluginError(f"the plug-in {plugin}: {name} can't be loaded: {type(error).__name__}: {error}") from error
