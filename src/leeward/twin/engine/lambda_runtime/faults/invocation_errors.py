"""Every error that an invocation of a Lambda function can end with, by the name that Step Functions reports.

Sources:

- botocore's model of Lambda's operation `Invoke` lists the errors of the API. Step Functions reports each as
  `Lambda.<name>` (Step Functions developer guide, "Handle Lambda service exceptions").
- The same page lists `Lambda.AWSLambdaException`, `Lambda.SdkClientException`, `Lambda.Unknown`, and
  `Lambda.ClientExecutionTimeoutException`, which aren't in the model. They come from Step Functions' own client.
- The errors of the execution environment and of the Python runtime are in Lambda's open-source code:
  github.com/aws/aws-lambda-runtime-interface-emulator (`model/customer_error.go`) and
  github.com/aws/aws-lambda-python-runtime-interface-client (`lambda_runtime_exception.py`).

Left out: errors that only other runtimes, response streaming, or Lambda Managed Instances can cause.
AWS doesn't document at which moment each error can occur. The moments here follow from the errors' descriptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Moment(StrEnum):
    """Whether the handler has done its work when the error occurs."""

    BEFORE = "before"
    """The handler doesn't run, so the invocation has no effect."""
    AFTER = "after"
    """The handler has done all its work. Only its result is lost."""


class ErrorOrigin(StrEnum):
    """Who reports the error."""

    API = "api"
    """Lambda's API responds to `Invoke` with an error status."""
    CLIENT = "client"
    """The client of the caller has no response from Lambda."""
    FUNCTION = "function"
    """Lambda responds with status 200 and a FunctionError."""


class UnknownInvocationError(ValueError):
    """No invocation of a Lambda function can end with this error, or not at this moment."""


@dataclass(frozen=True, slots=True)
class InvocationError:
    """One error.

    `status` is the HTTP status of Lambda's response, or 0 if there is none. `code` is the error code in the response.
    """

    name: str
    origin: ErrorOrigin
    moments: tuple[Moment, ...]
    status: int = 200
    code: str = ""


_BEFORE, _AFTER, _BOTH = (Moment.BEFORE,), (Moment.AFTER,), (Moment.BEFORE, Moment.AFTER)

# The errors of the API, by HTTP status.
_API_ERRORS: dict[int, tuple[str, ...]] = {
    400: (
        "InvalidParameterValueException", "InvalidRequestContentException", "ModeNotSupportedException",
        "NoPublishedVersionException", "RecursiveInvocationException", "SnapStartException",
    ),
    402: ("ServiceQuotaExceededException",),
    403: ("EFSMountFailureException", "S3FilesMountFailureException"),
    404: ("ResourceNotFoundException",),
    408: (
        "EFSMountConnectivityException", "EFSMountTimeoutException", "S3FilesMountConnectivityException",
        "S3FilesMountTimeoutException", "SnapStartTimeoutException",
    ),
    409: (
        "CodeArtifactUserDeletedException", "CodeArtifactUserFailedException", "CodeArtifactUserPendingException",
        "DurableExecutionAlreadyStartedException", "ResourceConflictException", "RuntimeAliasDeletedException",
        "RuntimeVersionDeletedException", "SnapStartNotReadyException", "SnapStartRegenerationFailureException",
    ),
    410: ("EFSIOException",),
    413: ("RequestTooLargeException", "SerializedRequestEntityTooLargeException"),
    415: ("UnsupportedMediaTypeException",),
    429: ("TooManyRequestsException",),
    500: ("ServiceException",),
    502: (
        "EC2AccessDeniedException", "EC2ThrottledException", "EC2UnexpectedException", "ENILimitReachedException",
        "ENINotReadyException", "InvalidRuntimeException", "InvalidSecurityGroupIDException",
        "InvalidSubnetIDException", "InvalidZipFileException", "KMSAccessDeniedException", "KMSDisabledException",
        "KMSInvalidStateException", "KMSNotFoundException", "ResourceNotReadyException",
        "SubnetIPAddressLimitReachedException",
    ),
}  # fmt: skip
# The other errors of the API reject the request, or occur while Lambda prepares the function.
_API_ERRORS_AT_ANY_TIME = frozenset({"ServiceException", "EFSIOException"})

_FUNCTION_ERRORS: dict[tuple[Moment, ...], tuple[str, ...]] = {
    _BEFORE: (
        "Extension.InitError", "Extension.LaunchError", "Runtime.AfterRestoreError", "Runtime.BeforeSnapshotError",
        "Runtime.BuiltInModuleConflict", "Runtime.HandlerNotFound", "Runtime.ImportModuleError", "Runtime.InitError",
        "Runtime.InvalidEntrypoint", "Runtime.InvalidWorkingDir", "Runtime.LambdaContextUnmarshalError",
        "Runtime.MalformedHandlerName", "Runtime.UnmarshalError", "Runtime.UserCodeSyntaxError",
    ),
    _AFTER: ("Function.ResponseSizeTooLarge", "Runtime.MarshalError", "Runtime.TruncatedResponse"),
    _BOTH: (
        "Extension.Crash", "Extension.ExitError", "Runtime.ExitError", "Runtime.LambdaRuntimeClientError",
        "Runtime.OutOfMemory", "Runtime.Unknown", "Sandbox.Failure", "Sandbox.Timedout",
    ),
}  # fmt: skip

TIMED_OUT = "Sandbox.Timedout"
CLIENT_TIMED_OUT = "Lambda.ClientExecutionTimeoutException"
UNKNOWN = "Lambda.Unknown"


def _list_errors() -> list[InvocationError]:
    errors = [
        InvocationError(
            f"Lambda.{code}", ErrorOrigin.API, _BOTH if code in _API_ERRORS_AT_ANY_TIME else _BEFORE, status, code
        )
        for status, codes in _API_ERRORS.items()
        for code in codes
    ]
    return [
        *errors,
        # The base class of Lambda's errors in the SDK for Java. The error code is assumed.
        InvocationError("Lambda.AWSLambdaException", ErrorOrigin.API, _BOTH, 500, "InternalFailure"),
        InvocationError("Lambda.SdkClientException", ErrorOrigin.CLIENT, _BOTH, 0),
        InvocationError(CLIENT_TIMED_OUT, ErrorOrigin.CLIENT, _BOTH, 0),
        # A FunctionError without an error type, as after some function timeouts and memory shortages.
        InvocationError(UNKNOWN, ErrorOrigin.FUNCTION, _BOTH),
        *(
            InvocationError(name, ErrorOrigin.FUNCTION, moments)
            for moments, names in _FUNCTION_ERRORS.items()
            for name in names
        ),
    ]


# What Step Functions reports if its role may not invoke the function. AWS doesn't document it (assumed).
NOT_AUTHORIZED = InvocationError("Lambda.AWSLambdaException", ErrorOrigin.API, _BEFORE, 403, "AccessDeniedException")
INVOCATION_ERRORS = {error.name: error for error in _list_errors()}
"""All errors, by name."""


def find_invocation_error(name: str) -> InvocationError:
    """Return the error with this name. Raises UnknownInvocationError, which suggests the nearest name."""
    error = INVOCATION_ERRORS.get(name)
    if error is not None:
        return error
    near = get_close_matches(name, INVOCATION_ERRORS, n=1) or get_close_matches(
        f"Lambda.{name}", INVOCATION_ERRORS, n=1, cutoff=0.8
    )
    meant = f"is {near[0]} meant?" if near else "use a name such as Lambda.ServiceException or Sandbox.Timedout"
    raise UnknownInvocationError(f"{name!r} is not an error of a Lambda invocation; {meant}")


@dataclass(frozen=True, slots=True)
class ServiceError:
    """The error that the caller of an invocation gets in place of a response of the function."""

    error: InvocationError
    message: str
