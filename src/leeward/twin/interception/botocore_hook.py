"""The one hook: it takes the place of moto's in botocore's BUILTIN_HANDLERS and calls it.

A second handler beside moto's could not answer a throttle: botocore calls every handler and takes the first answer,
so moto would still carry the call out.
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
    """Once per process, before any boto3 client is made: a client copies the handlers when it is made."""
    if (_EVENT, before_send) in BUILTIN_HANDLERS:
        return
    try:
        place = BUILTIN_HANDLERS.index((_EVENT, botocore_stubber))
    except ValueError:
        raise MotoPatchFailed("moto no longer puts its stubber into botocore's BUILTIN_HANDLERS") from None
    BUILTIN_HANDLERS[place] = (_EVENT, before_send)
    BUILTIN_HANDLERS.append(("before-parameter-build", call_parameters.remember_parameters))
    BUILTIN_HANDLERS.append(("after-call", after_call))


def attach_interceptor(interceptor: AwsInterceptor | None) -> None:
    """Every call goes through `wire`; None outside an engine."""
    global _attached_interceptor  # noqa: PLW0603 - botocore keeps one list of handlers per process
    _attached_interceptor = interceptor


def before_send(event_name: str, request: AWSPreparedRequest, **extra: Any) -> AWSResponse | None:
    """botocore's `before-send`: an answer here means that nothing is sent."""
    if _attached_interceptor is None:
        answer: AWSResponse | None = botocore_stubber(event_name=event_name, request=request, **extra)
        return answer
    return _attached_interceptor.send_attempt(botocore_stubber, event_name, request)


def after_call(parsed: dict[str, Any], model: OperationModel, **_: Any) -> None:
    """botocore's `after-call`: the answer, parsed, just before the caller sees it."""
    if _attached_interceptor is not None:
        _attached_interceptor.change_parsed_response(parsed, model)
