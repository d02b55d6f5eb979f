"""Isolates the process-wide state of each invocation: environment variables, randomness, and Powertools' state.

On AWS every function has its own process. Here handlers share one process, and they overlap whenever one of them waits.
The scheduler therefore activates an invocation's state when its task runs, and deactivates it when another task runs.
"""

from __future__ import annotations

import logging
import os
import random
import sys
from collections.abc import Mapping
from typing import Any

from leeward.twin.engine.host_process.runtime_patching import RuntimePatching

_known_formatters: list[Any] = []
_known_logger_count = 0


class EnvironmentOverlay:
    """Sets variables of `os.environ` while it is active."""

    def __init__(self, overlay: Mapping[str, str]) -> None:
        self._overlay = dict(overlay)
        self._saved_variables: dict[str, str | None] = {}

    def activate(self) -> None:
        """Set the overlay's variables."""
        self._saved_variables = {name: os.environ.get(name) for name in self._overlay}
        os.environ.update(self._overlay)

    def deactivate(self) -> None:
        """Restore the previous values. The handler's changes to the overlay's variables stay in the overlay."""
        for name, value in self._saved_variables.items():
            self._overlay[name] = os.environ.get(name, self._overlay[name])
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class RandomStream:
    """A stream of random numbers and IDs that depends on the seed, the function, and the number of the invocation.

    One more draw in one handler therefore does not change the IDs in every other handler.
    """

    def __init__(self, runtime_patching: RuntimePatching, seed: str) -> None:
        self._runtime_patching = runtime_patching
        self._byte_stream = random.Random(seed + "|bytes")  # noqa: S311 - reproducible on purpose
        self._own_state: Any = random.Random(seed).getstate()  # noqa: S311
        self._saved_state: Any = None

    def activate(self) -> None:
        """Draw from this stream."""
        self._saved_state = random.getstate()
        random.setstate(self._own_state)
        self._swap_byte_streams()

    def deactivate(self) -> None:
        """Draw from the run's own stream again."""
        self._own_state = random.getstate()
        random.setstate(self._saved_state)
        self._swap_byte_streams()

    def _swap_byte_streams(self) -> None:
        self._runtime_patching.byte_stream, self._byte_stream = self._byte_stream, self._runtime_patching.byte_stream


class PowertoolsLoggerState:
    """The keys of Powertools' loggers. A logger keeps them in its formatter, which the whole process shares.

    The attributes of each formatter are copied once per invocation. After that, the copies are exchanged.
    """

    def __init__(self) -> None:
        self._own_states: list[tuple[Any, dict[str, Any]]] = []
        self._saved_states: list[tuple[Any, dict[str, Any]]] = []

    def activate(self) -> None:
        """Set this invocation's keys."""
        own_states = {id(formatter): state for formatter, state in self._own_states}
        self._saved_states = [(formatter, vars(formatter)) for formatter in _powertools_formatters()]
        for formatter, saved in self._saved_states:
            formatter.__dict__ = own_states.get(id(formatter)) or _copy_state(saved)

    def deactivate(self) -> None:
        """Save this invocation's keys and restore the previous ones."""
        self._own_states = [(formatter, vars(formatter)) for formatter in _powertools_formatters()]
        saved_states = {id(formatter): state for formatter, state in self._saved_states}
        for formatter, own in self._own_states:
            if id(formatter) in saved_states:
                formatter.__dict__ = saved_states[id(formatter)]
            else:  # created by the handler
                formatter.__dict__ = _copy_state(own)
                formatter.clear_state()


def _copy_state(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value.copy() if isinstance(value, dict | list) else value for name, value in state.items()}


def _powertools_formatters() -> list[Any]:
    """Return every Powertools formatter in the process. Search again only when loggers were added."""
    global _known_logger_count  # noqa: PLW0603
    module = sys.modules.get("aws_lambda_powertools.logging.formatter")
    loggers = logging.root.manager.loggerDict
    if module is None or len(loggers) == _known_logger_count:
        return _known_formatters
    _known_logger_count = len(loggers)
    kind = module.LambdaPowertoolsFormatter
    for logger in [logging.root, *loggers.values()]:
        for handler in getattr(logger, "handlers", ()):
            formatter = handler.formatter
            if isinstance(formatter, kind) and not any(formatter is known for known in _known_formatters):
                _known_formatters.append(formatter)
    return _known_formatters


class PowertoolsMetricsState:
    """The metrics that an invocation has collected and not flushed, in class attributes of Powertools' Metrics."""

    _ATTRIBUTE_NAMES = ("_metrics", "_dimensions", "_metadata", "_default_dimensions")

    def __init__(self) -> None:
        self._own_contents: list[dict[str, Any]] | None = None
        self._saved_contents: list[dict[str, Any]] = []

    def activate(self) -> None:
        """Set this invocation's metrics."""
        self._saved_contents = [dict(shared) for shared in self._shared_attributes()]
        if self._own_contents is not None:
            self._fill_attributes(self._own_contents)

    def deactivate(self) -> None:
        """Save this invocation's metrics and restore the previous ones."""
        self._own_contents = [dict(shared) for shared in self._shared_attributes()]
        self._fill_attributes(self._saved_contents)

    def _shared_attributes(self) -> list[dict[str, Any]]:
        module = sys.modules.get("aws_lambda_powertools.metrics.metrics")
        return [] if module is None else [getattr(module.Metrics, name) for name in self._ATTRIBUTE_NAMES]

    def _fill_attributes(self, contents: list[dict[str, Any]]) -> None:
        for shared, content in zip(self._shared_attributes(), contents, strict=False):
            shared.clear()
            shared.update(content)


class InvocationEnvironment:
    """All process-wide state of one invocation."""

    def __init__(self, environment: Mapping[str, str], runtime_patching: RuntimePatching, seed: str) -> None:
        self._parts = (
            EnvironmentOverlay(environment),
            RandomStream(runtime_patching, seed),
            PowertoolsLoggerState(),
            PowertoolsMetricsState(),
        )

    def activate(self) -> None:
        """Activate the invocation's state."""
        for part in self._parts:
            part.activate()

    def deactivate(self) -> None:
        """Save the invocation's state and restore the previous state."""
        for part in reversed(self._parts):
            part.deactivate()
