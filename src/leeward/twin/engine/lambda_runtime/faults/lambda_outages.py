"""How invocations fail during an outage of the Lambda service."""

from __future__ import annotations

from leeward.twin.engine.lambda_runtime.faults.invocation_errors import (
    INVOCATION_ERRORS,
    NOT_AUTHORIZED,
    InvocationError,
    Moment,
)
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import FailedInvocation
from leeward.twin.interception import FaultKind

# Step Functions uses the AWS SDK for Java, which by default waits 10 seconds for a connection and tries four times.
# Its own settings aren't documented (assumed).
_CONNECT_SECONDS = 40

_ERRORS: dict[FaultKind, tuple[InvocationError, str, float]] = {
    FaultKind.SERVER_ERROR: (
        INVOCATION_ERRORS["Lambda.ServiceException"], "The service is unable to process the request", 0,
    ),
    FaultKind.THROTTLED: (INVOCATION_ERRORS["Lambda.TooManyRequestsException"], "Rate Exceeded.", 0),
    FaultKind.ACCESS_DENIED: (NOT_AUTHORIZED, "The role is not authorized to perform: lambda:InvokeFunction", 0),
    FaultKind.CONNECTION_TIMED_OUT: (
        INVOCATION_ERRORS["Lambda.SdkClientException"], "Unable to execute HTTP request: connect timed out",
        _CONNECT_SECONDS,
    ),
}  # fmt: skip


def to_failed_invocation(fault: FaultKind | None) -> FailedInvocation | None:
    """Return the fault of each invocation while calls to Lambda fail as `fault`, or None without a fault."""
    if fault is None:
        return None
    error, message, seconds = _ERRORS[fault]
    return FailedInvocation(error, Moment.BEFORE, seconds, f"{message} (simulated fault)")
