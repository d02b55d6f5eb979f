"""What belongs to one invocation of a handler but lives in the process: environment, chance, Powertools' state.

On AWS every function has a process of its own. Here handlers share one, and overlap wherever one waits. So each
invocation's state is put in place when it gets the baton and taken out when it gives the baton away.
"""

from __future__ import annotations

import logging
import os
import random
import sys
from collections.abc import Mapping
from typing import Any

from leeward.twin.engine.takeover import Takeover

_formatters: list[Any] = []
_loggers_seen = 0


class Environment:
    """An overlay on `os.environ`."""

    def __init__(self, overlay: Mapping[str, str]) -> None:
        self._overlay = dict(overlay)
        self._before: dict[str, str | None] = {}

    def enter(self) -> None:
        """Lay the overlay over the environment."""
        self._before = {name: os.environ.get(name) for name in self._overlay}
        os.environ.update(self._overlay)

    def leave(self) -> None:
        """Restore the names of the overlay; what the handler set of them stays with it."""
        for name, value in self._before.items():
            self._overlay[name] = os.environ.get(name, self._overlay[name])
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Chance:
    """A stream of random numbers, ids included, that depends on the seed, the function and which invocation it is:
    so one more draw in one handler does not shift the ids of every other."""

    def __init__(self, takeover: Takeover, seed: str) -> None:
        self._takeover = takeover
        self._bytes = random.Random(seed + "|bytes")  # noqa: S311 - reproducible on purpose
        self._state: Any = random.Random(seed).getstate()  # noqa: S311
        self._before: Any = None

    def enter(self) -> None:
        """Draw from this stream."""
        self._before = random.getstate()
        random.setstate(self._state)
        self._swap()

    def leave(self) -> None:
        """Draw from the run's own stream again."""
        self._state = random.getstate()
        random.setstate(self._before)
        self._swap()

    def _swap(self) -> None:
        self._takeover.bytes, self._bytes = self._bytes, self._takeover.bytes


class PowertoolsLogger:
    """The keys of Powertools' loggers. A logger keeps them in its formatter, one per process."""

    def __init__(self) -> None:
        self._own: list[tuple[Any, dict[str, Any]]] = []
        self._before: list[tuple[Any, dict[str, Any]]] = []

    def enter(self) -> None:
        """Put this invocation's keys in place."""
        self._before = _capture(_powertools_formatters())
        _restore(self._own)

    def leave(self) -> None:
        """Take this invocation's keys out."""
        self._own = _capture(_powertools_formatters())
        known = {id(formatter) for formatter, _ in self._before}
        for formatter, _ in self._own:
            if id(formatter) not in known:  # made by the handler itself
                formatter.clear_state()
        _restore(self._before)


def _capture(formatters: list[Any]) -> list[tuple[Any, dict[str, Any]]]:
    return [
        (formatter, {k: v.copy() if isinstance(v, dict | list) else v for k, v in vars(formatter).items()})
        for formatter in formatters
    ]


def _restore(states: list[tuple[Any, dict[str, Any]]]) -> None:
    for formatter, state in states:
        vars(formatter).clear()
        vars(formatter).update({k: v.copy() if isinstance(v, dict | list) else v for k, v in state.items()})


def _powertools_formatters() -> list[Any]:
    """Every Powertools formatter in the process, looked for again only when loggers were added."""
    global _loggers_seen  # noqa: PLW0603
    module = sys.modules.get("aws_lambda_powertools.logging.formatter")
    loggers = logging.root.manager.loggerDict
    if module is None or len(loggers) == _loggers_seen:
        return _formatters
    _loggers_seen = len(loggers)
    kind = module.LambdaPowertoolsFormatter
    for logger in [logging.root, *loggers.values()]:
        for handler in getattr(logger, "handlers", ()):
            formatter = handler.formatter
            if isinstance(formatter, kind) and not any(formatter is known for known in _formatters):
                _formatters.append(formatter)
    return _formatters


class PowertoolsMetrics:
    """The metrics that an invocation has gathered and not yet flushed: class attributes of Powertools' Metrics."""

    _NAMES = ("_metrics", "_dimensions", "_metadata", "_default_dimensions")

    def __init__(self) -> None:
        self._own: list[dict[str, Any]] | None = None
        self._before: list[dict[str, Any]] = []

    def enter(self) -> None:
        """Put this invocation's metrics in place."""
        self._before = [dict(shared) for shared in self._shared()]
        if self._own is not None:
            self._fill(self._own)

    def leave(self) -> None:
        """Take this invocation's metrics out."""
        self._own = [dict(shared) for shared in self._shared()]
        self._fill(self._before)

    def _shared(self) -> list[dict[str, Any]]:
        module = sys.modules.get("aws_lambda_powertools.metrics.metrics")
        return [] if module is None else [getattr(module.Metrics, name) for name in self._NAMES]

    def _fill(self, contents: list[dict[str, Any]]) -> None:
        for shared, content in zip(self._shared(), contents, strict=False):
            shared.clear()
            shared.update(content)


class InvocationSurroundings:
    """All of the above, in one."""

    def __init__(self, environment: Mapping[str, str], takeover: Takeover, seed: str) -> None:
        self._parts = (Environment(environment), Chance(takeover, seed), PowertoolsLogger(), PowertoolsMetrics())

    def enter(self) -> None:
        """Put the invocation's state in place."""
        for part in self._parts:
            part.enter()

    def leave(self) -> None:
        """Keep it aside and put the state from before in place."""
        for part in reversed(self._parts):
            part.leave()
