"""Adds a service to moto without changing moto, based on the service's botocore model.

A backend class implements each operation as a snake-case method that takes the parsed request and returns the response.
The model determines everything else:

- An operation that no method implements returns the error `NotSimulated`.
- A request that the model forbids returns ValidationException.
- A response that doesn't fit the model raises `TwinDefect`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, Generic, Self, TypeVar
from urllib.parse import urlsplit

from botocore.model import OperationModel
from moto import backend_index
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores, get_service_model

from leeward.twin.aws.service_framework.shape_validation import find_violations
from leeward.twin.patching.attribute_replacement import are_attributes_replaced, replace_attribute, set_attribute

OperationResult = Mapping[str, object]
# moto's key for state that an account has once, not once per Region.
GLOBAL = "aws"
# Any operation of any service may return these errors, even if its model doesn't list them.
_COMMON_ERRORS = {"NotSimulated", "ValidationException", "AccessDeniedException", "ThrottlingException"}


class TwinDefect(AssertionError):
    """Raised when the simulator returns something that AWS can't return. The defect is in the simulator."""


class AwsError(ServiceException):  # type: ignore[misc]
    """An error response. `code` is the error's name in the service model, and `members` are its other members."""

    code: str = "UnspecifiedErrorCode"

    def __init__(self, message: str, **members: object) -> None:
        super().__init__(message)
        self.members = members
        # moto's serializer reads the members of the modeled error from attributes.
        self.__dict__.update(members)


class OperationNotSimulated(AwsError):
    """The operation exists on AWS, but the simulator doesn't implement it."""

    code = "NotSimulated"


class ValidationException(AwsError):
    """The request doesn't fit the service model."""

    code = "ValidationException"


@dataclass(frozen=True, slots=True)
class OperationCall:
    """One request: its operation, parameters, Region, and endpoint host."""

    operation: OperationModel
    params: Mapping[str, Any]
    region: str
    host: str

    def can_raise(self, error_code: str) -> bool:
        """Return whether the model lists this error for the operation."""
        return any(shape.name == error_code for shape in self.operation.error_shapes)


class ServiceBackend(BaseBackend):  # type: ignore[misc]
    """A service's state in one Region of one account. moto creates it on first use and drops it on reset."""

    region_name: str
    account_id: str
    service: ClassVar[SimulatedService[Any]]

    def peer(self, region: str) -> Self:
        """Return the backend of the same service and account in another Region, or `GLOBAL`."""
        backend: Self = self.service.region(self.account_id, region)
        return backend

    def check_call(self, call: OperationCall) -> None:
        """Raise an `AwsError` to reject a call before its operation runs. The default accepts all calls."""


B = TypeVar("B", bound=ServiceBackend)


class SimulatedService(Generic[B]):
    """A service that was added to moto, with its backends per account and Region."""

    def __init__(self, name: str, backend: type[B], regions: Iterable[str]) -> None:
        self.name = name
        self.backends = BackendDict(backend, name, additional_regions=[*regions, GLOBAL])
        self.url_base = rf"https?://(?:[^/]+\.)?{re.escape(name)}\.(?:[^/]+)\.(?:amazonaws\.com|api\.aws)"

    @cached_property
    def urls(self) -> SimpleNamespace:
        """Return the URLs of the service, as in the module `urls` of a service of moto.

        It reads the service's model, so it is computed for the first call.
        """
        dispatch = _make_response_class(self).dispatch
        return SimpleNamespace(url_bases=[self.url_base], url_paths={"{0}(?:/.*)?$": dispatch})

    def region(self, account_id: str, region: str) -> B:
        """Return the backend of one Region. moto creates it on first use."""
        backend: B = self.backends[account_id][region]
        return backend

    def used_backends(self, account_id: str) -> list[B]:
        """Return the account's Regional backends that have been used, sorted by Region name."""
        account = self.backends[account_id]
        return [account[region] for region in sorted(account) if region != GLOBAL]


_added_services: dict[str, SimulatedService[Any]] = {}


def add_service(name: str, backend: type[B], regions: Iterable[str] = ()) -> SimulatedService[B]:
    """Register `backend` with moto as botocore's service `name`, while a simulation is open.

    Pass `regions` for a service that has no Regions in botocore's endpoint data.
    """
    service = SimulatedService(name, backend, regions)
    backend.service = service
    backend._url_module = property(lambda _: service.urls)
    _added_services[name] = service
    if are_attributes_replaced():  # a plug-in that is imported while a simulation is open
        _route_calls(service)
    return service


def find_added_service(name: str) -> SimulatedService[Any] | None:
    """Return the service that was added under this name, if any."""
    return _added_services.get(name)


def route_calls_to_added_services() -> None:
    """Route the calls of each added service to its backend. moto lacks the service, or simulates it differently."""
    for service in _added_services.values():
        _route_calls(service)


def _route_calls(service: SimulatedService[Any]) -> None:
    # moto finds a service by importing `moto.<key>` and reading `<key>_backends` from it. The key differs from the name
    # of moto's own package, which stays importable.
    key = f"twin{service.name.replace('-', '')}"
    module = ModuleType(f"moto.{key}")
    setattr(module, f"{key}_backends", service.backends)
    set_attribute(sys.modules, module.__name__, module)
    # Ours is first because moto uses the first pattern that matches.
    patterns = [(key, re.compile(service.url_base)), *backend_index.backend_url_patterns]
    replace_attribute(backend_index, "backend_url_patterns", patterns)


def _make_response_class(service: SimulatedService[Any]) -> Any:
    def init(self: Any) -> None:
        BaseResponse.__init__(self, service_name=service.name)
        self.automated_parameter_parsing = True

    model = get_service_model(service.name)
    handlers = {
        camelcase_to_underscores(name): _make_handler(service, model.operation_model(name))
        for name in model.operation_names
    }
    attributes = {"__init__": init, "answers_as_modelled": True}
    return type(f"{service.name}-response", (BaseResponse,), {**attributes, **handlers})


def _make_handler(service: SimulatedService[Any], operation: OperationModel) -> Callable[[Any], Any]:
    def handle(response: Any) -> Any:
        backend = service.region(response.current_account, response.region)
        host = urlsplit(response.uri).hostname or ""
        try:
            return ActionResult(
                perform_operation(backend, OperationCall(operation, dict(response.params), response.region, host))
            )
        except OperationNotSimulated as error:
            body = json.dumps({"__type": error.code, "message": error.message})
            # botocore doesn't retry 501 Not Implemented.
            return 501, {"status": 501, "X-Amzn-Errortype": error.code}, body
        except AwsError as error:
            status, headers, body = response.serialized(ActionResult(error))
            return status, {**headers, **_error_headers(operation, error), "status": status}, body

    return handle


def _error_headers(operation: OperationModel, error: AwsError) -> dict[str, str]:
    """Return the error members that are sent as headers (Retry-After). moto's serializer omits them."""
    shapes: list[Any] = [s for s in operation.error_shapes if s.name == error.code]
    return {
        member.serialization["name"]: str(error.members[name])
        for shape in shapes
        for name, member in shape.members.items()
        if member.serialization.get("location") == "header" and name in error.members
    }


def perform_operation(backend: ServiceBackend, call: OperationCall) -> OperationResult:
    """Run one operation, and validate its request and response against the service model.

    Raises AwsError for an error that AWS would return, and TwinDefect when the response or the error doesn't fit the
    model.
    """
    operation = call.operation
    name = f"{operation.service_model.service_name}:{operation.name}"
    method = getattr(backend, camelcase_to_underscores(operation.name), None)
    if method is None:
        raise OperationNotSimulated(f"not simulated: {name}")
    violations = find_violations(operation.input_shape, call.params) if operation.input_shape else []
    if violations:
        raise ValidationException(f"{len(violations)} validation error(s) detected: " + "; ".join(violations))
    try:
        backend.check_call(call)
        response: OperationResult = method(call.params)
    except AwsError as error:
        _check_error_fits_model(name, call, error)
        raise
    violations = find_violations(operation.output_shape, response)
    if violations:
        raise TwinDefect(f"{name} returned a response that its model does not allow: " + "; ".join(violations))
    return response


def _check_error_fits_model(name: str, call: OperationCall, error: AwsError) -> None:
    shapes: list[Any] = call.operation.error_shapes
    shape = next((s for s in shapes if s.name == error.code), None)
    if shape is None:
        if error.code not in _COMMON_ERRORS:
            raise TwinDefect(f"{name} returned {error.code}, which its model does not list") from error
        return
    message = next((m for m in shape.members if m.lower() == "message"), "message")
    violations = find_violations(shape, {message: error.message, **error.members})
    if violations:
        raise TwinDefect(f"{name} returned {error.code} with invalid members: " + "; ".join(violations)) from error
