"""Runs Lambda functions in process, for Task states and for boto3's Lambda client."""

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

from leeward.twin.engine.lambda_runtime.faults import caller_errors
from leeward.twin.engine.lambda_runtime.function_registry import FunctionRegistry
from leeward.twin.engine.lambda_runtime.invocation import LambdaFunction
from leeward.twin.errors import EngineNotOpen
from leeward.twin.patching.attribute_replacement import replace_attribute


class FunctionProvider(Protocol):
    """Provides the functions of the open engine."""

    functions: FunctionRegistry


_provider: FunctionProvider | None = None


def set_provider(provider: FunctionProvider | None) -> None:
    """Set the provider of the functions. Pass None when the engine closes."""
    global _provider  # noqa: PLW0603 - moto's backends have no reference to the engine
    _provider = provider


def _open_functions() -> FunctionRegistry:
    if _provider is None:
        raise EngineNotOpen("a Lambda function was invoked outside an engine")
    return _provider.functions


def run_functions_in_process() -> None:
    """Run the engine's functions in this process. moto's own Lambda backends run Docker or echo the payload."""
    replace_attribute(lambda_eval_utils, "_invoke_lambda_function", _invoke_for_task_state)
    replace_attribute(simple, "lambda_simple_backends", BackendDict(_InProcessLambdaBackend, "lambda"))


def _invoke_for_task_state(parameters: dict[str, Any], region: str, state_credentials: Any) -> dict[str, Any]:
    """Run the handler in the state's own task, without a client, HTTP, or a moto backend."""
    del state_credentials
    functions = _open_functions()
    function = functions.find(parameters["FunctionName"], region)
    functions.check_concurrency(function)
    invocation = functions.invoke(function, parameters.get("Payload"))
    caller_errors.raise_for_task_state(invocation)
    answer = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.loads(invocation.payload)}
    return {**answer, "FunctionError": "Unhandled"} if invocation.has_failed else answer


class InvalidRequestContentException(ServiceException):  # type: ignore[misc]  # moto is untyped
    """Lambda's error for a payload that is not JSON."""

    code = "InvalidRequestContentException"


class TooManyRequestsException(ServiceException):  # type: ignore[misc]  # moto is untyped
    """Lambda's error for a function that has used up its concurrency, or that is stopped."""

    code = "TooManyRequestsException"


@dataclass(frozen=True, slots=True)
class _FunctionView:
    """A function as moto's responses read it. The hash of its code is the hash of its handler's name."""

    function: LambdaFunction

    def get_configuration(self) -> dict[str, Any]:
        function = self.function
        handler = f"{function.handler.__module__}.{getattr(function.handler, '__name__', 'handler')}"
        return {
            "FunctionName": function.name,
            "FunctionArn": function.arn,
            "Role": function.role_arn,
            "Runtime": "python3.13",
            "Handler": handler,
            "MemorySize": function.memory_mb,
            "Timeout": int(function.timeout_seconds),
            "CodeSha256": base64.b64encode(hashlib.sha256(handler.encode()).digest()).decode(),
            "State": "Active",
            "LastUpdateStatus": "Successful",
        }


class _InProcessLambdaBackend(simple.LambdaSimpleBackend):  # type: ignore[misc]  # moto is untyped
    """moto's Lambda backend, for calls to Lambda through boto3."""

    def list_functions(self, func_version: str | None = None) -> list[_FunctionView]:
        del func_version  # functions have no versions here
        return [_FunctionView(function) for function in _open_functions().list_in_region(self.region_name)]

    def get_function(self, function_name_or_arn: str, qualifier: str | None = None) -> Any:
        """Return one of the engine's functions. moto reports every other function as missing."""
        try:
            return _FunctionView(_open_functions().find(function_name_or_arn, self.region_name))
        except ClientError:
            return super().get_function(function_name_or_arn, qualifier)

    def invoke(
        self, function_name: str, qualifier: str | None, body: Any, headers: Any, response_headers: Any
    ) -> bytes | None:
        functions = _open_functions()
        try:
            function = functions.find(function_name, self.region_name)
        except ClientError:
            self.get_function(function_name, qualifier)  # raises moto's ResourceNotFoundException
            raise
        try:
            json.loads(body or "{}")
        except ValueError as error:
            raise InvalidRequestContentException(f"Could not parse request body into json: {error}") from error
        if functions.get_reserved_concurrency(function) == 0:
            raise TooManyRequestsException("Rate Exceeded.")
        if headers.get("X-Amz-Invocation-Type") == "Event":
            functions.invoke_async(function, body)
            return b""
        invocation = functions.invoke_in_new_task(function, body)
        caller_errors.raise_for_api(invocation)
        if invocation.has_failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return invocation.payload.encode()


def enforce_reserved_concurrency() -> None:
    """Enforce the reserved concurrency of the engine's functions. Unpatched moto fails for them."""
    put, get, delete = (getattr(LambdaResponse, f"{verb}_function_concurrency") for verb in ("put", "get", "delete"))

    def put_own(self: Any) -> Any:
        function = _find_own_function(self)
        if function is None:
            return put(self)
        concurrency = int(self._get_param("ReservedConcurrentExecutions"))
        _open_functions().set_reserved_concurrency(function, concurrency)
        return 200, {}, json.dumps({"ReservedConcurrentExecutions": concurrency})

    def get_own(self: Any) -> Any:
        function = _find_own_function(self)
        if function is None:
            return get(self)
        reserved = _open_functions().get_reserved_concurrency(function)
        return 200, {}, json.dumps({} if reserved is None else {"ReservedConcurrentExecutions": reserved})

    def delete_own(self: Any) -> Any:
        function = _find_own_function(self)
        if function is None:
            return delete(self)
        _open_functions().set_reserved_concurrency(function, None)
        return 204, {"status": 204}, ""

    for verb, own in (("put", put_own), ("get", get_own), ("delete", delete_own)):
        replace_attribute(LambdaResponse, f"{verb}_function_concurrency", own)


def _find_own_function(response: Any) -> LambdaFunction | None:
    name = unquote(str(response.path).rsplit("/", 2)[-2])
    try:
        return _open_functions().find(name, response.region)
    except ClientError:
        return None
