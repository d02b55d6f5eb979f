"""How the callers of Lambda see an error of an invocation: a Task state, and a boto3 client."""

from __future__ import annotations

from typing import Protocol

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)

from leeward.twin.engine.lambda_runtime.faults.invocation_errors import UNKNOWN, ErrorOrigin, ServiceError
from leeward.twin.patching.attribute_replacement import replace_attribute

_ERROR_CAUSE = "_error_cause_from_client_error"


class FailedRecord(Protocol):
    """The record of an invocation, as far as it decides which error the caller gets."""

    service_error: ServiceError | None
    error_type: str | None
    request_id: str
    payload: str


class LambdaApiError(ServiceException):  # type: ignore[misc]  # moto is untyped
    """An error of Lambda's API. moto takes its HTTP status from the service model."""


class TaskStateError(ClientError):
    """The error and the cause of a Task state, as Step Functions reports them."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__({"Error": {"Code": error, "Message": cause}}, "Invoke")
        self.error, self.cause = error, cause


def report_task_state_errors() -> None:
    """Let moto's Task states report a TaskStateError as it is. moto reports every error as `Lambda.<code>`."""
    original = StateTaskServiceLambda._error_cause_from_client_error

    def describe(client_error: ClientError) -> tuple[str, str]:
        if isinstance(client_error, TaskStateError):
            return client_error.error, client_error.cause
        error, cause = original(client_error)
        return str(error), str(cause)

    replace_attribute(StateTaskServiceLambda, _ERROR_CAUSE, staticmethod(describe))


def raise_for_task_state(record: FailedRecord) -> None:
    """Raise TaskStateError if Lambda's response is an error, or a FunctionError without an error type.

    Every other FunctionError stays in the response.
    """
    failed = record.service_error
    if failed is not None:
        raise TaskStateError(failed.error.name, _describe_cause(failed, record.request_id or "twin"))
    if record.error_type == UNKNOWN:
        raise TaskStateError(
            UNKNOWN,
            "The cause could not be determined because Lambda did not return an error type. "
            f"Returned payload: {record.payload}",
        )


def _describe_cause(failed: ServiceError, request_id: str) -> str:
    error = failed.error
    if error.origin is ErrorOrigin.CLIENT:
        return failed.message
    return (
        f"{failed.message} (Service: AWSLambda; Status Code: {error.status}; Error Code: {error.code}; "
        f"Request ID: {request_id}; Proxy: null)"
    )


def raise_for_api(record: FailedRecord) -> None:
    """Raise moto's exception if Lambda's response to a boto3 client is an error.

    A client whose call had no response is not simulated here, because call faults do it. It gets a ServiceException.
    """
    failed = record.service_error
    if failed is None:
        return
    raise LambdaApiError(failed.error.code or "ServiceException", failed.message)
