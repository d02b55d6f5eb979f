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

from leeward.twin.engine.host_process.attribute_patching import replace_attribute
from leeward.twin.engine.lambda_runtime.function_registry import FunctionRegistry
from leeward.twin.engine.lambda_runtime.invocation import LambdaFunction
from leeward.twin.errors import EngineNotOpen


class FunctionProvider(Protocol):
    """Where the functions of the open engine are."""

    functions: FunctionRegistry


_provider: FunctionProvider | None = None


def set_provider(provider: FunctionProvider | None) -> None:
    """Whose functions are invoked; None when the engine closes."""
    global _provider  # noqa: PLW0603 - moto's backends know no engine
    _provider = provider


def _open_functions() -> FunctionRegistry:
    if _provider is None:
        raise EngineNotOpen("a Lambda function was invoked outside an engine")
    return _provider.functions


def install() -> None:
    """Once per process. moto's own Lambda backends run Docker, or echo the payload."""
    replace_attribute(lambda_eval_utils, "_invoke_lambda_function", _invoke_for_task_state)
    replace_attribute(simple, "lambda_simple_backends", BackendDict(_InProcessLambdaBackend, "lambda"))
    _patch_reserved_concurrency()


def _invoke_for_task_state(parameters: dict[str, Any], region: str, state_credentials: Any) -> dict[str, Any]:
    """The handler runs in the state's own task: no client, no HTTP, no backend between them."""
    del state_credentials
    functions = _open_functions()
    function = functions.find(parameters["FunctionName"], region)
    functions.check_concurrency(function)
    invocation = functions.invoke(function, parameters.get("Payload"))
    answer = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.loads(invocation.payload)}
    return {**answer, "FunctionError": "Unhandled"} if invocation.has_failed else answer


class InvalidRequestContentException(ServiceException):  # type: ignore[misc]  # moto is untyped
    """Lambda's own word for a payload that is not JSON."""

    code = "InvalidRequestContentException"


class TooManyRequestsException(ServiceException):  # type: ignore[misc]  # moto is untyped
    """Lambda's own word for a function that may not run once more at the same time, or not at all."""

    code = "TooManyRequestsException"


@dataclass(frozen=True, slots=True)
class _FunctionView:
    """A function, as moto's answers ask for it. Its code is known by its handler, which is all the code it has."""

    function: LambdaFunction

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


class _InProcessLambdaBackend(simple.LambdaSimpleBackend):  # type: ignore[misc]  # moto is untyped
    """moto's Lambda backend, for what calls Lambda through boto3."""

    def list_functions(self, func_version: str | None = None) -> list[_FunctionView]:
        del func_version  # there are no versions here
        return [_FunctionView(function) for function in _open_functions().list_in_region(self.region_name)]

    def get_function(self, function_name_or_arn: str, qualifier: str | None = None) -> Any:
        """One of the engine's own; of others moto says that there is none."""
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
            self.get_function(function_name, qualifier)  # raises moto's own ResourceNotFoundException
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
        if invocation.has_failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return invocation.payload.encode()


def _patch_reserved_concurrency() -> None:
    """Reserved concurrency of the engine's functions, which moto does not know; of others, moto's own."""
    put, get, delete = (getattr(LambdaResponse, f"{verb}_function_concurrency") for verb in ("put", "get", "delete"))

    def put_own(self: Any) -> Any:
        function = _find_own_function(self)
        if function is None:
            return put(self)
        wanted = int(self._get_param("ReservedConcurrentExecutions"))
        _open_functions().set_reserved_concurrency(function, wanted)
        return 200, {}, json.dumps({"ReservedConcurrentExecutions": wanted})

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
