"""Replaces moto's handler in botocore's BUILTIN_HANDLERS with a hook that calls it.

A second handler next to moto's could not simulate a throttle. botocore calls every handler and uses the first response,
so moto would still carry out the call.
"""

from __future__ import annotations

from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.handlers import BUILTIN_HANDLERS
from botocore.model import OperationModel
from moto.core.models import botocore_stubber

from leeward.twin.errors import MotoPatchFailed
from leeward.twin.interception.aws_interceptor import AwsInterceptor
from leeward.twin.interception.calls import call_parameters

_EVENT = "before-send"
_attached_interceptor: AwsInterceptor | None = None


def install() -> None:
    """Install the hook once per process, before any boto3 client is created. A client copies the handlers."""
    if (_EVENT, before_send) in BUILTIN_HANDLERS:
        return
    try:
        index = BUILTIN_HANDLERS.index((_EVENT, botocore_stubber))
    except ValueError:
        raise MotoPatchFailed("moto no longer puts its stubber into botocore's BUILTIN_HANDLERS") from None
    BUILTIN_HANDLERS[index] = (_EVENT, before_send)
    BUILTIN_HANDLERS.append(("before-parameter-build", call_parameters.remember_parameters))
    BUILTIN_HANDLERS.append(("after-call", after_call))


def attach_interceptor(interceptor: AwsInterceptor | None) -> None:
    """Send every call through `interceptor`. Pass None outside an engine."""
    global _attached_interceptor  # noqa: PLW0603 - botocore keeps one list of handlers per process
    _attached_interceptor = interceptor


def before_send(event_name: str, request: AWSPreparedRequest, **extra: Any) -> AWSResponse | None:
    """Handle botocore's `before-send`. When it returns a response, botocore sends nothing."""
    if _attached_interceptor is None:
        response: AWSResponse | None = botocore_stubber(event_name=event_name, request=request, **extra)
        return response
    return _attached_interceptor.send_attempt(botocore_stubber, event_name, request)


def after_call(parsed: dict[str, Any], model: OperationModel, **_: Any) -> None:
    """Handle botocore's `after-call`, with the parsed response just before the caller sees it."""
    if _attached_interceptor is not None:
        _attached_interceptor.change_parsed_response(parsed, model)
