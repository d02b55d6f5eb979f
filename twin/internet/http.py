"""One HTTP request from the outside: name, address, load balancer, server, page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from twin.internet.machines import Page


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
class Response:
    """An answer, and the Region that gave it."""

    status: int
    body: str
    region: str


class Internet:
    """Everything between a client and a page. `is_dark(region)` tells whether packets reach a Region."""

    def __init__(self, load_balancers: LoadBalancers, is_dark: Callable[[str], bool]) -> None:
        self._load_balancers = load_balancers
        self._is_dark = is_dark

    def knows(self, address: str) -> bool:
        """Is `address` a load balancer's own name?"""
        return self._load_balancers.region_of(address) is not None

    def get(self, address: str, path: str) -> Response:
        """Request `path` from the load balancer at `address` (its DNS name). Raises Unreachable."""
        region = self._load_balancers.region_of(address)
        if region is None:
            raise Unreachable(f"nothing listens at {address}")
        if self._is_dark(region):
            raise Unreachable(f"{region} does not answer")
        page = self._load_balancers.forward(address, path)
        return Response(page.status, page.body, region)
