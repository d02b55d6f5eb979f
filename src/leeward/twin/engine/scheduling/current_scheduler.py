"""The scheduler of the open engine, for moto's patched modules, which cannot receive it as an argument."""

from __future__ import annotations

from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.errors import EngineNotOpen

_current_scheduler: TaskScheduler | None = None


def current_scheduler() -> TaskScheduler:
    """Return the scheduler of the open engine. Raises EngineNotOpen when no engine is open."""
    if _current_scheduler is None:
        raise EngineNotOpen("no Engine is open; use `with Engine(...) as engine:`")
    return _current_scheduler


def current_scheduler_or_none() -> TaskScheduler | None:
    """Return the scheduler of the open engine, or None."""
    return _current_scheduler


def set_current_scheduler(scheduler: TaskScheduler | None) -> None:
    """Set the scheduler when an engine opens; pass None when it closes. A process has at most one open engine."""
    global _current_scheduler  # noqa: PLW0603 - moto's patches are module-level and must find it
    _current_scheduler = scheduler
