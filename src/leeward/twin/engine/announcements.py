"""Who is told what happens inside the interpreter: the open engine's executions."""

from __future__ import annotations

from typing import Any, Protocol


class Listener(Protocol):
    """The open engine."""

    def happened(self, execution_arn: str, event: Any) -> None:
        """A history event was written."""
        ...

    def ended(self, execution_arn: str) -> None:
        """An execution has ended."""
        ...

    def redriven(self, execution_arn: str) -> None:
        """An execution that had ended goes on."""
        ...


_listener: Listener | None = None


def listen(listener: Listener | None) -> None:
    """Tell `listener` from now on; None when the engine closes."""
    global _listener  # noqa: PLW0603 - moto's classes know no engine
    _listener = listener


def happened(execution_arn: str, event: Any) -> None:
    """Tell of a history event."""
    if _listener is not None:
        _listener.happened(execution_arn, event)


def ended(execution_arn: str) -> None:
    """Tell of an execution's end."""
    if _listener is not None:
        _listener.ended(execution_arn)


def redriven(execution_arn: str) -> None:
    """Tell that an execution that had ended goes on."""
    if _listener is not None:
        _listener.redriven(execution_arn)
