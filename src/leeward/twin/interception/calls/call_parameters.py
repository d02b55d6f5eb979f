"""What a call was given, as its caller gave it: the request that is sent holds it in one of five protocols.

botocore builds and sends a call in one task, so the task remembers it in between, retries included. A task is a
greenlet, and a greenlet has context variables of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

_NO_PARAMETERS: Mapping[str, Any] = {}
_current_parameters: ContextVar[Mapping[str, Any]] = ContextVar("noted", default=_NO_PARAMETERS)


def remember_parameters(params: Mapping[str, Any], **_: Any) -> None:
    """botocore's `before-parameter-build`."""
    _current_parameters.set(params)


def current_parameters() -> Mapping[str, Any]:
    """The parameters of the call that this task makes."""
    return _current_parameters.get()
