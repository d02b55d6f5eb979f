"""One experiment per repair: what it observes with the repair and in raw moto; a module for each module of repairs.

Run as a module it prints, as JSON, what each experiment observes in an engine that lacks just that one repair.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from leeward.twin.engine import repairs

Experiment = Callable[[], Any]
_ELSEWHERE = {"redrive_api": "redriving", "bodies": "economy"}


def _experiment(name: str) -> Experiment | None:
    module, function = name.split(".")
    found: Experiment | None = getattr(import_module(f"{__name__}.{_ELSEWHERE.get(module, module)}"), function, None)
    return found


EXPERIMENTS: dict[str, Experiment] = {
    name: found for name in repairs.names() if (found := _experiment(name)) is not None
}
