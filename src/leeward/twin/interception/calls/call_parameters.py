"""Keeps the parameters of a call as its caller passed them. The sent request encodes them in one of five protocols.

botocore builds and sends a call in one task, including retries, so the task keeps the parameters in between. A task is
a greenlet, and each greenlet has its own context variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

_NO_PARAMETERS: Mapping[str, Any] = {}
_current_parameters: ContextVar[Mapping[str, Any]] = ContextVar("current_parameters", default=_NO_PARAMETERS)


def remember_parameters(params: Mapping[str, Any], **_: Any) -> None:
    """Handle botocore's `before-parameter-build`."""
    _current_parameters.set(params)


def current_parameters() -> Mapping[str, Any]:
    """Return the parameters of the call that this task makes."""
    return _current_parameters.get()
