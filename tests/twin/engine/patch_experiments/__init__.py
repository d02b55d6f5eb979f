"""One experiment per repair: what it observes with the repair and in raw moto; a module for each module of repairs.

Run as a module it prints, as JSON, what each experiment observes in an engine that lacks just that one repair.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from leeward.twin.engine import moto_patches

Experiment = Callable[[], Any]
_ELSEWHERE = {"redrive_api": "redrive_evaluation", "json_responses": "request_overhead"}


def _experiment(name: str) -> Experiment | None:
    module, function = name.split(".")
    found: Experiment | None = getattr(import_module(f"{__name__}.{_ELSEWHERE.get(module, module)}"), function, None)
    return found


EXPERIMENTS: dict[str, Experiment] = {
    name: found for name in moto_patches.list_patch_names() if (found := _experiment(name)) is not None
}
