"""The invariants that every rehearsal and every sweep trial is checked against, one module each.

An invariant is a small function that takes the `RunRecord` of a run and returns an `InvariantReport`. The report
contains the invariant's name, whether it held, and what was observed. An invariant with nothing to check is reported as
not applicable, with the reason. The function's docstring gives the reason and the AWS fact behind the invariant.
Plug-ins list their invariants, Leeward's own included.
"""

from __future__ import annotations

from functools import cache

from leeward.base.import_paths import load
from leeward.kinds.plugin_discovery import plugins
from leeward.rehearsal.invariants.invariant import Invariant


@cache
def list_invariants() -> tuple[Invariant, ...]:
    """Return the invariants of all plug-ins, Leeward's own first."""
    return tuple(load(path) for plugin in plugins() for path in plugin.invariants)
