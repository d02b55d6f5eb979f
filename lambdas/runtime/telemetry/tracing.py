"""The tracer, which sends a task's call and its AWS calls to X-Ray.

aws_xray_sdk takes as long to import as a quarter of boto3. Outside Lambda, where there is no X-Ray daemon, it also
creates an AWS client at import. So it is imported in Lambda only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Protocol

from leeward.common.naming.telemetry_names import SERVICE


class HandlerTracer(Protocol):
    """Traces the calls of a handler. Powertools' Tracer is one."""

    def capture_lambda_handler(
        self, lambda_handler: Callable[..., Any], capture_response: bool | None
    ) -> Callable[..., Any]: ...


class _DisabledTracer:
    def capture_lambda_handler(
        self,
        lambda_handler: Callable[..., Any],
        capture_response: bool | None,  # noqa: ARG002 - the protocol's
    ) -> Callable[..., Any]:
        return lambda_handler


def create_tracer() -> HandlerTracer:
    """Return Powertools' tracer in Lambda, and elsewhere one that does nothing."""
    if "LAMBDA_TASK_ROOT" not in os.environ:
        return _DisabledTracer()
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - see the module's docstring

    # By default, every library that the SDK knows is imported and patched. AWS is called through botocore.
    tracer: HandlerTracer = Tracer(service=SERVICE, patch_modules=("botocore",))
    return tracer
