"""Nothing that is not simulated may reach the real network."""

from __future__ import annotations

from collections.abc import Callable

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from leeward.twin.errors import NotSimulated
from leeward.twin.interception.calls.aws_calls import CallTarget

MotoStub = Callable[..., AWSResponse | None]
_NOT_FOUND = 404
# What moto answers for an amazonaws.com host that it does not know.
_UNKNOWN_HOST_BODY = b"Not yet implemented"


def call_moto(stub: MotoStub, event_name: str, request: AWSPreparedRequest, target: CallTarget) -> AWSResponse:
    """moto's answer. Raises NotSimulated where moto has none: it would let the call out of the process (hosts it does
    not match, such as `*.api.aws`), or answer a 404 that reads as if AWS had."""
    try:
        answer = stub(event_name=event_name, request=request)
    except NotImplementedError as error:
        raise _not_simulated_error(target, f"moto does not implement the operation ({error})") from error
    if answer is None:
        raise _not_simulated_error(target, f"nothing simulates the host {target.host}")
    if answer.status_code == _NOT_FOUND and answer.content == _UNKNOWN_HOST_BODY:
        raise _not_simulated_error(target, f"nothing simulates the host {target.host}")
    return answer


def _not_simulated_error(target: CallTarget, reason: str) -> NotSimulated:
    return NotSimulated(f"{target.name} in {target.region} is not simulated: {reason}. It was not sent anywhere")
