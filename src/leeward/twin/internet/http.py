"""One HTTP request from the outside: name, address, load balancer or API, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from leeward.twin.internet.machines import Page


class Unreachable(Exception):
    """No answer came back; the text says where the request ended."""


class LoadBalancers(Protocol):
    """What can be reached by a load balancer's DNS name."""

    def region_of(self, dns_name: str) -> str | None:
        """The Region of the load balancer with this name, None when there is none."""
        ...

    def forward(self, dns_name: str, path: str) -> Page:
        """The load balancer's answer for `path`."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `path` has its query, `host` is the Host header."""

    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, and the Region that gave it."""

    status: int
    body: str
    region: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Apis(Protocol):
    """What can be reached by the names of an API."""

    def region_of(self, dns_name: str) -> str | None:
        """The Region of the API with this name, None when there is none."""
        ...

    def answer(self, dns_name: str, request: Request) -> Response:
        """The API's answer."""
        ...


class Internet:
    """Everything between a client and a page. `is_dark(region)` tells whether packets reach a Region."""

    def __init__(self, load_balancers: LoadBalancers, is_dark: Callable[[str], bool], apis: Apis | None = None) -> None:
        self._load_balancers = load_balancers
        self._is_dark = is_dark
        self._apis = apis

    def knows(self, address: str) -> bool:
        """Is `address` a load balancer's own name, or an API's?"""
        return self.region_of(address) is not None

    def region_of(self, address: str) -> str | None:
        """The Region in which something has this name."""
        found = self._load_balancers.region_of(address)
        return found or (self._apis.region_of(address) if self._apis else None)

    def get(self, address: str, path: str) -> Response:
        """Request `path` from whatever is at `address` (its DNS name). Raises Unreachable."""
        return self.send(address, Request(path=path))

    def send(self, address: str, request: Request) -> Response:
        """Any request. Raises Unreachable."""
        region = self.region_of(address)
        if region is None:
            raise Unreachable(f"nothing listens at {address}")
        if self._is_dark(region):
            raise Unreachable(f"{region} does not answer")
        if self._apis is not None and self._apis.region_of(address):
            return self._apis.answer(address, request)
        page = self._load_balancers.forward(address, request.path.partition("?")[0])
        return Response(page.status, page.body, region)
