"""One experiment per repair: what it observes with the repair and in raw moto; a module for each module of repairs.

Run as a module it prints, as JSON, what each experiment observes in an engine that lacks just that one repair.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from leeward.twin.engine import moto_patches
from leeward.twin.patching.patch_set import patch_name

Experiment = Callable[[], Any]
_ELSEWHERE = {"redrive_api": "redrive_evaluation", "json_responses": "request_overhead"}


def _experiment(name: str) -> Experiment | None:
    module, function = name.split(".")
    found: Experiment | None = getattr(import_module(f"{__name__}.{_ELSEWHERE.get(module, module)}"), function, None)
    return found


_NAMES = [patch_name(patch) for patch in moto_patches.INTERPRETER_PATCHES]
EXPERIMENTS: dict[str, Experiment] = {name: found for name in _NAMES if (found := _experiment(name)) is not None}
