"""One HTTP request from the outside: name, address, load balancer or API, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from leeward.twin.internet.web_servers import PageResponse


class Unreachable(Exception):
    """No answer came back; the text says where the request ended."""


class LoadBalancerEndpoints(Protocol):
    """What can be reached by a load balancer's DNS name."""

    def region_of(self, dns_name: str) -> str | None:
        """The Region of the load balancer with this name, None when there is none."""
        ...

    def forward(self, dns_name: str, path: str) -> PageResponse:
        """The load balancer's answer for `path`."""
        ...


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request; `path` has its query, `host` is the Host header."""

    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class EndpointResponse:
    """An answer, and the Region that gave it."""

    status: int
    body: str
    region: str
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiEndpoints(Protocol):
    """What can be reached by the names of an API."""

    def region_of(self, dns_name: str) -> str | None:
        """The Region of the API with this name, None when there is none."""
        ...

    def answer(self, dns_name: str, request: HttpRequest) -> EndpointResponse:
        """The API's answer."""
        ...


class Internet:
    """Everything between a client and a page. `is_dark(region)` tells whether packets reach a Region."""

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
        """Is `address` a load balancer's own name, or an API's?"""
        return self.region_of(address) is not None

    def region_of(self, address: str) -> str | None:
        """The Region in which something has this name."""
        found = self._load_balancers.region_of(address)
        return found or (self._apis.region_of(address) if self._apis else None)

    def get(self, address: str, path: str) -> EndpointResponse:
        """Request `path` from whatever is at `address` (its DNS name). Raises Unreachable."""
        return self.send(address, HttpRequest(path=path))

    def send(self, address: str, request: HttpRequest) -> EndpointResponse:
        """Any request. Raises Unreachable."""
        region = self.region_of(address)
        if region is None:
            raise Unreachable(f"nothing listens at {address}")
        if self._is_region_down(region):
            raise Unreachable(f"{region} does not answer")
        if self._apis is not None and self._apis.region_of(address):
            return self._apis.answer(address, request)
        page = self._load_balancers.forward(address, request.path.partition("?")[0])
        return EndpointResponse(page.status, page.body, region)
