"""time-machine, without the plug-in for pytest that it brings along: where pytest is installed, importing that costs a
rehearsal a third of a second."""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime
from typing import Any


def _import_time_machine() -> Any:
    if "pytest" in sys.modules:
        return importlib.import_module("time_machine")
    sys.modules["pytest"] = None  # type: ignore[assignment]  # how Python is told that a module is not to be found
    try:
        return importlib.import_module("time_machine")
    finally:
        del sys.modules["pytest"]


time_machine = _import_time_machine()


def real_now() -> datetime:
    """The time outside, while an engine is open: what a served world's clients go by."""
    return datetime.fromtimestamp(time_machine.escape_hatch.time.time(), UTC)
