"""Sends one HTTP request from outside to a load balancer or an API, and returns the response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from leeward.twin.internet.web_servers import PageResponse


class Unreachable(Exception):
    """No response arrived. The message says where the request ended."""


class NoResponse(Unreachable):
    """A Region doesn't respond. A client notices only when its own timeout expires."""


class LoadBalancerEndpoints(Protocol):
    """The load balancers that a client can reach by DNS name."""

    def region_of(self, dns_name: str) -> str | None:
        """Return the Region of the load balancer with this name, or None."""
        ...

    def forward(self, dns_name: str, path: str) -> PageResponse:
        """Return the load balancer's response for `path`."""
        ...


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request. `path` includes the query, and `host` is the Host header."""

    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class EndpointResponse:
    """A response, and the Region that sent it."""

    status: int
    body: str
    region: str
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiEndpoints(Protocol):
    """The APIs that a client can reach by DNS name."""

    def region_of(self, dns_name: str) -> str | None:
        """Return the Region of the API with this name, or None."""
        ...

    def answer(self, dns_name: str, request: HttpRequest) -> EndpointResponse:
        """Return the API's response."""
        ...


class Internet:
    """The network between clients and endpoints. `is_region_down(region)` returns whether a Region is unreachable."""

    def __init__(
        self,
        load_balancers: LoadBalancerEndpoints,
        is_region_down: Callable[[str], bool],
        apis: ApiEndpoints | None = None,
    ) -> None:
        self._load_balancers = load_balancers
        self._is_region_down = is_region_down
        self._apis = apis

    def has_endpoint(self, address: str) -> bool:
        """Return whether `address` is the name of a load balancer or an API."""
        return self.region_of(address) is not None

    def region_of(self, address: str) -> str | None:
        """Return the Region of the endpoint with this name, or None."""
        found = self._load_balancers.region_of(address)
        return found or (self._apis.region_of(address) if self._apis else None)

    def get(self, address: str, path: str) -> EndpointResponse:
        """Request `path` from the endpoint at `address` (its DNS name). Raises Unreachable and NoResponse."""
        return self.send(address, HttpRequest(path=path))

    def send(self, address: str, request: HttpRequest) -> EndpointResponse:
        """Send a request to the endpoint at `address`. Raises Unreachable and NoResponse."""
        region = self.region_of(address)
        if region is None:
            raise Unreachable(f"nothing listens at {address}")
        self._require_response(region)
        if self._apis is not None and self._apis.region_of(address):
            response = self._apis.answer(address, request)
            self._require_response(region)  # the Region may have failed while the API's function ran
            return response
        page = self._load_balancers.forward(address, request.path.partition("?")[0])
        return EndpointResponse(page.status, page.body, region)

    def _require_response(self, region: str) -> None:
        if self._is_region_down(region):
            raise NoResponse(f"{region} does not answer")
