"""The kinds that Leeward brings: a module per step kind in `steps`, and a module per component in `components`."""

from __future__ import annotations

from leeward.kinds.plugin import Plugin

PLUGIN = Plugin(name="leeward", step_kinds=f"{__name__}.steps", components=f"{__name__}.components")
