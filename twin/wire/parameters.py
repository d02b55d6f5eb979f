"""What a call was given, as its caller gave it: the request that is sent holds it in one of five protocols.

botocore builds and sends a call in one thread, so the thread remembers it in between, retries included.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

_noted = threading.local()


def note(params: Mapping[str, Any], **_: Any) -> None:
    """botocore's `before-parameter-build`."""
    _noted.parameters = params


def noted() -> Mapping[str, Any]:
    """The parameters of the call that this thread makes."""
    found: Mapping[str, Any] = getattr(_noted, "parameters", {})
    return found
