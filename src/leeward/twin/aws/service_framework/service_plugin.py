"""Adds a service to moto from outside its tree, driven by botocore's model of it.

A backend class implements operations as methods in snake case that take the parsed request and answer what the model
says. Everything else comes from the model: an operation that no method implements answers "not simulated", a request
that the model forbids answers ValidationException, and an answer that does not fit the model is a `TwinDefect`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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

OperationResult = Mapping[str, object]
# moto's own key for what an account holds once, not once per Region.
GLOBAL = "aws"
# Any operation of any service may answer these, whether its model lists them or not.
_COMMON_ERRORS = {"NotSimulated", "ValidationException", "AccessDeniedException", "ThrottlingException"}


class TwinDefect(AssertionError):
    """The simulated AWS answered something that AWS cannot answer: a fault of the twin, never of what runs on it."""


class AwsError(ServiceException):  # type: ignore[misc]
    """An error that a service answers. The subclass's `code` is the model's name; `members` are its other members."""

    code: str = "UnspecifiedErrorCode"

    def __init__(self, message: str, **members: object) -> None:
        super().__init__(message)
        self.members = members
        # moto's serializer reads the members of the modelled error from attributes.
        self.__dict__.update(members)


class OperationNotSimulated(AwsError):
    """The operation exists on AWS, but nothing here simulates it."""

    code = "NotSimulated"


class ValidationException(AwsError):
    """The request does not fit the model."""

    code = "ValidationException"


@dataclass(frozen=True, slots=True)
class OperationCall:
    """One request: which operation, at which endpoint, with what parameters."""

    operation: OperationModel
    params: Mapping[str, Any]
    region: str
    host: str

    def can_raise(self, error_code: str) -> bool:
        """Whether the model lists this error for the operation."""
        return any(shape.name == error_code for shape in self.operation.error_shapes)


class ServiceBackend(BaseBackend):  # type: ignore[misc]
    """A service's state in one Region of one account. moto makes it on first use and forgets it with each new run."""

    region_name: str
    account_id: str
    service: ClassVar[SimulatedService[Any]]

    def peer(self, region: str) -> Self:
        """The same service in another Region of the same account (or `GLOBAL`)."""
        found: Self = self.service.region(self.account_id, region)
        return found

    def check_call(self, call: OperationCall) -> None:
        """Refuses a call before its operation runs, by raising an `AwsError`."""


B = TypeVar("B", bound=ServiceBackend)


class SimulatedService(Generic[B]):
    """A service that was added: where its backends are found."""

    def __init__(self, name: str, backend: type[B], regions: Iterable[str]) -> None:
        self.name = name
        self.backends = BackendDict(backend, name, additional_regions=[*regions, GLOBAL])

    def region(self, account_id: str, region: str) -> B:
        """The backend of one Region, made on first use."""
        found: B = self.backends[account_id][region]
        return found

    def used_backends(self, account_id: str) -> list[B]:
        """The Regional backends of an account that were used so far, by Region name."""
        account = self.backends[account_id]
        return [account[region] for region in sorted(account) if region != GLOBAL]


def add_service(name: str, backend: type[B], regions: Iterable[str] = ()) -> SimulatedService[B]:
    """Registers `backend` with moto as the service that botocore calls `name`.

    `regions` are needed for services that botocore's endpoint data lists no Regions for.
    """
    service = SimulatedService(name, backend, regions)
    backend.service = service
    base = rf"https?://(?:[^/]+\.)?{re.escape(name)}\.(?:[^/]+)\.(?:amazonaws\.com|api\.aws)"
    dispatch = _make_response_class(service).dispatch
    urls = SimpleNamespace(url_bases=[base], url_paths={"{0}(?:/.*)?$": dispatch})
    backend._url_module = property(lambda _: urls)
    # moto looks a service up by importing `moto.<key>` and reading `<key>_backends` from it.
    key = name.replace("-", "")
    module = ModuleType(f"moto.{key}")
    setattr(module, f"{key}_backends", service.backends)
    sys.modules[module.__name__] = module
    # First, because moto takes the first pattern that matches.
    backend_index.backend_url_patterns.insert(0, (key, re.compile(base)))
    return service


def _make_response_class(service: SimulatedService[Any]) -> Any:
    def init(self: Any) -> None:
        BaseResponse.__init__(self, service_name=service.name)
        self.automated_parameter_parsing = True

    model = get_service_model(service.name)
    handlers = {
        camelcase_to_underscores(name): _make_handler(service, model.operation_model(name))
        for name in model.operation_names
    }
    told = {"__init__": init, "answers_as_modelled": True}
    return type(f"{service.name}-response", (BaseResponse,), {**told, **handlers})


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
            # 501 Not Implemented: botocore does not retry it.
            return 501, {"status": 501, "X-Amzn-Errortype": error.code}, body
        except AwsError as error:
            status, headers, body = response.serialized(ActionResult(error))
            return status, {**headers, **_error_headers(operation, error), "status": status}, body

    return handle


def _error_headers(operation: OperationModel, error: AwsError) -> dict[str, str]:
    """The members of an error that travel as headers (Retry-After), which moto's serializer leaves out."""
    shapes: list[Any] = [s for s in operation.error_shapes if s.name == error.code]
    return {
        member.serialization["name"]: str(error.members[name])
        for shape in shapes
        for name, member in shape.members.items()
        if member.serialization.get("location") == "header" and name in error.members
    }


def perform_operation(backend: ServiceBackend, call: OperationCall) -> OperationResult:
    """One operation, with the request and the answer held against the model.

    Raises AwsError as AWS would, and TwinDefect when the answer or the error does not fit the model.
    """
    operation = call.operation
    name = f"{operation.service_model.service_name}:{operation.name}"
    method = getattr(backend, camelcase_to_underscores(operation.name), None)
    if method is None:
        raise OperationNotSimulated(f"not simulated: {name}")
    wrong = find_violations(operation.input_shape, call.params) if operation.input_shape else []
    if wrong:
        raise ValidationException(f"{len(wrong)} validation error(s) detected: " + "; ".join(wrong))
    try:
        backend.check_call(call)
        answer: OperationResult = method(call.params)
    except AwsError as error:
        _check_error_fits_model(name, call, error)
        raise
    wrong = find_violations(operation.output_shape, answer)
    if wrong:
        raise TwinDefect(f"{name} answered what its model does not allow: " + "; ".join(wrong))
    return answer


def _check_error_fits_model(name: str, call: OperationCall, error: AwsError) -> None:
    shapes: list[Any] = call.operation.error_shapes
    shape = next((s for s in shapes if s.name == error.code), None)
    if shape is None:
        if error.code not in _COMMON_ERRORS:
            raise TwinDefect(f"{name} answered {error.code}, which its model does not list") from error
        return
    message = next((m for m in shape.members if m.lower() == "message"), "message")
    wrong = find_violations(shape, {message: error.message, **error.members})
    if wrong:
        raise TwinDefect(f"{name} answered {error.code} unlike its model: " + "; ".join(wrong)) from error
