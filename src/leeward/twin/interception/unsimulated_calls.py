"""Rejects calls that nothing simulates, so that none reaches the real network."""

from __future__ import annotations

from collections.abc import Callable

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from leeward.twin.errors import NotSimulated
from leeward.twin.interception.calls.aws_calls import CallTarget

MotoStub = Callable[..., AWSResponse | None]
_NOT_FOUND = 404
# moto's response for an amazonaws.com host that it does not know.
_UNKNOWN_HOST_BODY = b"Not yet implemented"


def call_moto(stub: MotoStub, event_name: str, request: AWSPreparedRequest, target: CallTarget) -> AWSResponse:
    """Return moto's response. Raises NotSimulated if moto has none.

    Without this check, moto would let the call leave the process (for hosts that it does not match, such as
    `*.api.aws`), or return a 404 that looks like a response from AWS.
    """
    try:
        response = stub(event_name=event_name, request=request)
    except NotImplementedError as error:
        raise _not_simulated_error(target, f"moto does not implement the operation ({error})") from error
    if response is None:
        raise _not_simulated_error(target, f"nothing simulates the host {target.host}")
    if response.status_code == _NOT_FOUND and response.content == _UNKNOWN_HOST_BODY:
        raise _not_simulated_error(target, f"nothing simulates the host {target.host}")
    return response


def _not_simulated_error(target: CallTarget, reason: str) -> NotSimulated:
    return NotSimulated(f"{target.name} in {target.region} is not simulated: {reason}. It was not sent anywhere")
