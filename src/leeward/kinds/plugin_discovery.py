"""Finds the installed plug-ins, through the entry point group `leeward.plugins` of their distributions.

Leeward's own plug-in needs no entry point, so that a copy of the sources works without being installed.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from leeward.base.import_paths import load
from leeward.kinds.builtin import PLUGIN
from leeward.kinds.descriptors.plugin import Plugin

ENTRY_POINT_GROUP = "leeward.plugins"


class PluginError(Exception):
    """Raised when a plug-in can't be used. The message names the plug-in, the problem, and the fix."""


@cache
def installed_plugins() -> tuple[tuple[EntryPoint, Plugin], ...]:
    """Return the plug-ins of other packages with their entry points, sorted by name. Raises PluginError."""
    found: dict[str, tuple[EntryPoint, Plugin]] = {}
    for entry_point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda one: one.name):
        name = entry_point.name
        try:
            plugin = load(entry_point.value)
        except Exception as error:
            raise PluginError(
                f"the plug-in {name} can't be loaded: {type(error).__name__}: {error}. Repair or uninstall it"
            ) from error
        if not isinstance(plugin, Plugin):
            raise PluginError(
                f"the plug-in {name}: {entry_point.value} is not a leeward.api.Plugin. Repair or uninstall it"
            )
        if plugin.name in found or plugin.name == PLUGIN.name:
            raise PluginError(f"two plug-ins are called {plugin.name}. Uninstall one of them")
        found[plugin.name] = entry_point, plugin
    return tuple(found.values())


def plugins() -> tuple[Plugin, ...]:
    """Return Leeward's own plug-in, and then the installed ones. Raises PluginError."""
    return (PLUGIN, *(plugin for _, plugin in installed_plugins()))
