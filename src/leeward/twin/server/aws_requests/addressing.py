"""Finds the service, Region, and operation that a request is for, from its signature.

On AWS the host contains them. Here every call arrives at one port. A SigV4 signature names the Region and the service
(`Credential=<key>/<date>/us-west-2/drs/aws4_request`). It is not verified. Some services share a signing name. Their
protocols distinguish them, by the prefix of X-Amz-Target, by the API version, or by the path. As the one exception, a
path `/_twin/at/<host>/...` calls that host of AWS, which the five endpoints of a routing-control cluster require.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

from leeward.twin.server.aws_requests.service_catalogue import ServiceDescriptor, services_by_signing_name
from leeward.twin.server.transport.replies import CBOR, EC2, QUERY
from leeward.twin.server.transport.request_queue import ServerRequest

# A path with this prefix calls one host of AWS by name.
AWS_HOST_PREFIX = "/_twin/at/"
_SCOPE = re.compile(r"[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9.-]+)/aws4_request")
_RPC_OPERATION = re.compile(r"/service/[^/]+/operation/([A-Za-z0-9]+)$")
_AWS_HOST = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|api\.aws)")
_FORM = "application/x-www-form-urlencoded"


class UnknownRecipient(Exception):
    """The request has no recognizable service, Region, or operation. Has AWS's code and status for that."""

    def __init__(self, status: int, code: str, message: str, protocol: str = "json") -> None:
        super().__init__(message)
        self.status, self.code, self.protocol = status, code, protocol


@dataclass(frozen=True, slots=True)
class AddressedRequest:
    """A request with its target. `url` is its URL on AWS, and `protocol` is botocore's name of the protocol."""

    service: ServiceDescriptor
    region: str
    operation: str
    protocol: str
    url: str

    @property
    def botocore_event(self) -> str:
        """The name of botocore's event for sending the request."""
        return f"before-send.{self.service.event_name}.{self.operation}"


def address_request(
    request: ServerRequest, endpoint_url: Callable[[str, str], str], regions: frozenset[str]
) -> AddressedRequest:
    """Find the target of `request`. `endpoint_url(service, region)` returns botocore's URL. Raises UnknownRecipient."""
    region, signing = _credential_scope(request)
    candidates = services_by_signing_name().get(signing)
    if not candidates:
        raise UnknownRecipient(403, "InvalidSignatureException", f"Credential should be scoped to a service: {signing}")
    if region not in regions:
        message = f"Credential should be scoped to a valid Region: {region}"
        raise UnknownRecipient(403, "InvalidSignatureException", message, _protocol_of(candidates[0], request))
    host, path = _split_aws_host(request.path)
    known, operation = _match_operation(candidates, request, path)
    base = f"https://{host}" if host else endpoint_url(known.name, region).rstrip("/")
    query = f"?{request.query}" if request.query else ""
    return AddressedRequest(known, region, operation, _protocol_of(known, request), f"{base}{path}{query}")


def _protocol_of(service: ServiceDescriptor, request: ServerRequest) -> str:
    """Return the protocol of the request. A service may support several, and an older botocore may use another one."""
    if "x-amz-target" in request.headers:
        return "json"
    if "smithy-protocol" in request.headers:
        return CBOR
    if "Action" in _form_fields(request):
        return EC2 if service.name == "ec2" else QUERY
    return service.protocol


def _credential_scope(request: ServerRequest) -> tuple[str, str]:
    """Return the Region and signing name, from the header or, for a signed URL, from the query."""
    signed = request.headers.get("authorization", "").partition("Credential=")[2]
    if not signed:
        signed = parse_qs(request.query).get("X-Amz-Credential", [""])[0]
    scope = _SCOPE.match(signed)
    if scope is None:
        message = "Missing Authentication Token: sign the request (SigV4) with any access key"
        raise UnknownRecipient(403, "MissingAuthenticationTokenException", message)
    return scope.group(1), scope.group(2)


def _split_aws_host(path: str) -> tuple[str | None, str]:
    if not path.startswith(AWS_HOST_PREFIX):
        return None, path
    host, slash, rest = path.removeprefix(AWS_HOST_PREFIX).partition("/")
    if not _AWS_HOST.fullmatch(host):
        raise UnknownRecipient(404, "UnknownEndpoint", f"{host!r} is not a host of AWS")
    return host, slash + rest


def _form_fields(request: ServerRequest) -> dict[str, list[str]]:
    form = parse_qs(request.query)
    if request.headers.get("content-type", "").startswith(_FORM):
        form.update(parse_qs(request.body.decode("utf-8", "replace")))
    return form


def _match_operation(
    candidates: tuple[ServiceDescriptor, ...], request: ServerRequest, path: str
) -> tuple[ServiceDescriptor, str]:
    prefix, _, operation_name = request.headers.get("x-amz-target", "").rpartition(".")
    if operation_name:
        return next((k for k in candidates if k.target_prefix == prefix), candidates[0]), operation_name
    if by_path := _RPC_OPERATION.search(path):
        target = path.split("/")[-3]
        return next((k for k in candidates if k.target_prefix == target), candidates[0]), by_path.group(1)
    form = _form_fields(request)
    if "Action" in form:
        version = form.get("Version", [""])[0]
        return next((k for k in candidates if k.version == version), candidates[0]), form["Action"][0]
    for known in candidates:
        operation = _operation_by_path(known.name, request, path)
        if operation is not None:
            return known, operation
    message = f"{candidates[0].name} has no operation {request.method} {path}"
    raise UnknownRecipient(404, "UnknownOperationException", message, candidates[0].protocol)


def _operation_by_path(service: str, request: ServerRequest, path: str) -> str | None:
    url = f"https://{service}{path}" + (f"?{request.query}" if request.query else "")
    try:
        match: Any = get_service_router(service).match(
            MotoRequest.from_primitives(request.method, url, request.headers, b"")
        )
    except (HTTPException, NotImplementedError):  # not match, method not allowed, or a protocol that moto lacks
        return None
    return str(match[0].name)
