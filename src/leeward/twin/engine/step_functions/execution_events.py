"""Who is told what happens inside the interpreter: the open engine's executions."""

from __future__ import annotations

from typing import Any, Protocol


class ExecutionListener(Protocol):
    """The open engine."""

    def handle_event(self, execution_arn: str, event: Any) -> None:
        """A history event was written."""
        ...

    def handle_end(self, execution_arn: str) -> None:
        """An execution has ended."""
        ...

    def handle_redrive(self, execution_arn: str) -> None:
        """An execution that had ended goes on."""
        ...


_listener: ExecutionListener | None = None


def set_listener(listener: ExecutionListener | None) -> None:
    """Tell `listener` from now on; None when the engine closes."""
    global _listener  # noqa: PLW0603 - moto's classes know no engine
    _listener = listener


def publish_event(execution_arn: str, event: Any) -> None:
    """Tell of a history event."""
    if _listener is not None:
        _listener.handle_event(execution_arn, event)


def publish_end(execution_arn: str) -> None:
    """Tell of an execution's end."""
    if _listener is not None:
        _listener.handle_end(execution_arn)


def publish_redrive(execution_arn: str) -> None:
    """Tell that an execution that had ended goes on."""
    if _listener is not None:
        _listener.handle_redrive(execution_arn)
