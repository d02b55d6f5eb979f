"""Publishes the events of executions from the interpreter to the open engine."""

from __future__ import annotations

from typing import Any, Protocol


class ExecutionListener(Protocol):
    """Receives the events of executions."""

    def handle_event(self, execution_arn: str, event: Any) -> None:
        """Handle a new history event."""
        ...

    def handle_end(self, execution_arn: str) -> None:
        """Handle the end of an execution."""
        ...

    def handle_redrive(self, execution_arn: str) -> None:
        """Handle the redrive of an execution that had ended."""
        ...


_listener: ExecutionListener | None = None


def set_listener(listener: ExecutionListener | None) -> None:
    """Set the listener. Pass None when the engine closes."""
    global _listener  # noqa: PLW0603 - moto's classes have no reference to the engine
    _listener = listener


def publish_event(execution_arn: str, event: Any) -> None:
    """Publish a history event."""
    if _listener is not None:
        _listener.handle_event(execution_arn, event)


def publish_end(execution_arn: str) -> None:
    """Publish the end of an execution."""
    if _listener is not None:
        _listener.handle_end(execution_arn)


def publish_redrive(execution_arn: str) -> None:
    """Publish the redrive of an execution that had ended."""
    if _listener is not None:
        _listener.handle_redrive(execution_arn)
