"""Lambda in process: a Task state and boto3's `lambda.invoke` both end at the open engine's functions."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

import moto.awslambda_simple.models as simple
from botocore.exceptions import ClientError
from moto.awslambda.responses import LambdaResponse
from moto.core.base_backend import BackendDict
from moto.core.exceptions import ServiceException
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from leeward.twin.engine.functions import Functions
from leeward.twin.engine.invocation import Function
from leeward.twin.engine.repairs.replacing import replace
from leeward.twin.errors import NoEngine


class Provider(Protocol):
    """Where the functions of the open engine are."""

    functions: Functions


_provider: Provider | None = None


def provide(provider: Provider | None) -> None:
    """Whose functions are invoked; None when the engine closes."""
    global _provider  # noqa: PLW0603 - moto's backends know no engine
    _provider = provider


def _functions() -> Functions:
    if _provider is None:
        raise NoEngine("a Lambda function was invoked outside an engine")
    return _provider.functions


def install() -> None:
    """Once per process. moto's own Lambda backends run Docker, or echo the payload."""
    replace(lambda_eval_utils, "_invoke_lambda_function", _invoke_for_a_task)
    replace(simple, "lambda_simple_backends", BackendDict(_InProcess, "lambda"))
    _reservations()


def _invoke_for_a_task(parameters: dict[str, Any], region: str, state_credentials: Any) -> dict[str, Any]:
    """The handler runs in the state's own task: no client, no HTTP, no backend between them."""
    del state_credentials
    functions = _functions()
    function = functions.find(parameters["FunctionName"], region)
    functions.admit(function)
    invocation = functions.invoke(function, parameters.get("Payload"))
    answer = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.loads(invocation.payload)}
    return {**answer, "FunctionError": "Unhandled"} if invocation.failed else answer


class InvalidRequestContentException(ServiceException):  # type: ignore[misc]  # moto is untyped
    """Lambda's own word for a payload that is not JSON."""

    code = "InvalidRequestContentException"


class TooManyRequestsException(ServiceException):  # type: ignore[misc]  # moto is untyped
    """Lambda's own word for a function that may not run once more at the same time, or not at all."""

    code = "TooManyRequestsException"


@dataclass(frozen=True, slots=True)
class _Listed:
    """A function, as moto's answers ask for it. Its code is known by its handler, which is all the code it has."""

    function: Function

    def get_configuration(self) -> dict[str, Any]:
        of = self.function
        handler = f"{of.handler.__module__}.{getattr(of.handler, '__name__', 'handler')}"
        return {
            "FunctionName": of.name,
            "FunctionArn": of.arn,
            "Role": of.role_arn,
            "Runtime": "python3.13",
            "Handler": handler,
            "MemorySize": of.memory_mb,
            "Timeout": int(of.timeout_seconds),
            "CodeSha256": base64.b64encode(hashlib.sha256(handler.encode()).digest()).decode(),
            "State": "Active",
            "LastUpdateStatus": "Successful",
        }


class _InProcess(simple.LambdaSimpleBackend):  # type: ignore[misc]  # moto is untyped
    """moto's Lambda backend, for what calls Lambda through boto3."""

    def list_functions(self, func_version: str | None = None) -> list[_Listed]:
        del func_version  # there are no versions here
        return [_Listed(function) for function in _functions().in_region(self.region_name)]

    def get_function(self, function_name_or_arn: str, qualifier: str | None = None) -> Any:
        """One of the engine's own; of others moto says that there is none."""
        try:
            return _Listed(_functions().find(function_name_or_arn, self.region_name))
        except ClientError:
            return super().get_function(function_name_or_arn, qualifier)

    def invoke(
        self, function_name: str, qualifier: str | None, body: Any, headers: Any, response_headers: Any
    ) -> bytes | None:
        functions = _functions()
        try:
            function = functions.find(function_name, self.region_name)
        except ClientError:
            self.get_function(function_name, qualifier)  # raises moto's own ResourceNotFoundException
            raise
        try:
            json.loads(body or "{}")
        except ValueError as error:
            raise InvalidRequestContentException(f"Could not parse request body into json: {error}") from error
        if functions.reserved(function) == 0:
            raise TooManyRequestsException("Rate Exceeded.")
        if headers.get("X-Amz-Invocation-Type") == "Event":
            functions.invoke_later(function, body)
            return b""
        invocation = functions.invoke_apart(function, body)
        if invocation.failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return invocation.payload.encode()


def _reservations() -> None:
    """Reserved concurrency of the engine's functions, which moto does not know; of others, moto's own."""
    put, get, delete = (getattr(LambdaResponse, f"{verb}_function_concurrency") for verb in ("put", "get", "delete"))

    def put_own(self: Any) -> Any:
        function = _own(self)
        if function is None:
            return put(self)
        wanted = int(self._get_param("ReservedConcurrentExecutions"))
        _functions().reserve(function, wanted)
        return 200, {}, json.dumps({"ReservedConcurrentExecutions": wanted})

    def get_own(self: Any) -> Any:
        function = _own(self)
        if function is None:
            return get(self)
        reserved = _functions().reserved(function)
        return 200, {}, json.dumps({} if reserved is None else {"ReservedConcurrentExecutions": reserved})

    def delete_own(self: Any) -> Any:
        function = _own(self)
        if function is None:
            return delete(self)
        _functions().reserve(function, None)
        return 204, {"status": 204}, ""

    for verb, own in (("put", put_own), ("get", get_own), ("delete", delete_own)):
        replace(LambdaResponse, f"{verb}_function_concurrency", own)


def _own(response: Any) -> Function | None:
    name = unquote(str(response.path).rsplit("/", 2)[-2])
    try:
        return _functions().find(name, response.region)
    except ClientError:
        return None
