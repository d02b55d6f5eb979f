"""Serves the application's page and API to a browser, on a separate loopback port.

    /                       the application's page, with its config.json
    /api/...                the API as users reach it: by name, through the twin's DNS, with a resolver's cache
    /at/<Region>/...        one Region's API, without DNS
    /sign-in/<Region>/...   the hosted sign-in of that Region's user pool
    /operator/down/<Region>, /operator/up/<Region>    POST: start or end an outage of the Region

An unavailable Region closes the connection without a response, as it does on the other port. Only the page itself may
send requests. Requests from other pages are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from leeward.rehearsal.server.hosting.on_demand_incidents import InvalidIncident
from leeward.rehearsal.server.hosting.served_world import ServedWorld
from leeward.twin.internet.dns import DnsAnswer, NoDnsAnswer
from leeward.twin.internet.http import HttpRequest, Unreachable
from leeward.twin.server.transport.replies import problem_reply
from leeward.twin.server.transport.request_queue import ServerReply, ServerRequest

_LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
# Values of Sec-Fetch-Site: the page itself made the request, or the user entered the address.
_ALLOWED_FETCH_SITES = ("same-origin", "none")


class FrontendContent(Protocol):
    """The content that a workload provides for a browser."""

    def page_config(self, origin: str) -> Mapping[str, object]:
        """Return the page's config.json for the web origin `origin`, without the operator's buttons."""
        ...

    def page_file(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return a file of the page as status, headers, and content."""
        ...

    def answer_sign_in(
        self, region: str, origin: str, request: tuple[str, str, str, str], clock: Callable[[], datetime]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Answer a request to a Region's hosted sign-in. `request` is method, path, query, and body."""
        ...


def frontend_refusal_reason(headers: Mapping[str, str]) -> str | None:
    """Return why a request is refused, or None if it is allowed. Header names must be in lowercase."""
    host = headers.get("host", "")
    if not _LOOPBACK_HOST.fullmatch(host):
        return f"the Host header must be 127.0.0.1 or localhost, not {host!r}"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "requests from other pages are refused"
    if headers.get("sec-fetch-site", "none") not in _ALLOWED_FETCH_SITES:
        return "requests from other pages are refused"
    return None


class WebFrontend:
    """Answers the browser's requests within a simulation task, which may wait."""

    def __init__(self, served: ServedWorld, content: FrontendContent) -> None:
        self._served, self._content = served, content
        self._answer: DnsAnswer | None = None
        self._expires: datetime | None = None
        self._handlers_by_path: dict[str, Callable[[ServerRequest, str], ServerReply | None]] = {
            "api": self._call_api_through_dns,
            "at": self._call_regional_api,
            "sign-in": self._serve_sign_in,
            "operator": self._change_region_outage,
        }

    def answer(self, request: ServerRequest) -> ServerReply | None:
        """Return the reply to one request, or None to close the connection without one."""
        first, _, rest = request.path.removeprefix("/").partition("/")
        handler = self._handlers_by_path.get(first)
        if handler is None:
            return self._serve_page(request)
        try:
            return handler(request, rest)
        except (Unreachable, NoDnsAnswer):
            return None

    def _serve_page(self, request: ServerRequest) -> ServerReply:
        if request.path == "/config.json":
            return self._serve_config(_origin_of(request))
        return ServerReply(*self._content.page_file(request.path))

    def _serve_config(self, origin: str) -> ServerReply:
        outage_actions = [
            {"region": region, "down": f"{origin}/operator/down/{region}", "up": f"{origin}/operator/up/{region}"}
            for region in self._regions
        ]
        config = {**self._content.page_config(origin), "operator": outage_actions}
        headers = {"content-type": "application/json", "cache-control": "no-store"}
        return ServerReply(200, headers, json.dumps(config).encode())

    def _call_api_through_dns(self, request: ServerRequest, rest: str) -> ServerReply:
        site, now = self._served.application.site, self._served.engine.clock.now()
        if site is None:
            raise NoDnsAnswer("the application has no site")
        if self._answer is None or self._expires is None or now >= self._expires:
            near = self._served.application.regions.primary
            self._answer = self._served.world.application_dns.resolver.resolve(urlsplit(site.url).hostname or "", near)
            self._expires = now + timedelta(seconds=self._answer.ttl_seconds)
        return self._forward(self._answer.value, request, f"/{rest}")

    def _call_regional_api(self, request: ServerRequest, rest: str) -> ServerReply:
        region, _, path = rest.partition("/")
        site = self._served.application.site
        if site is None or region not in site.endpoints:
            return problem_reply(404, "No such Region", region, f"use one of: {', '.join(self._regions)}")
        return self._forward(site.endpoints[region], request, f"/{path}")

    def _forward(self, address: str, request: ServerRequest, path: str) -> ServerReply:
        target = path + (f"?{request.query}" if request.query else "")
        host = urlsplit(self._served.application.site.url).netloc if self._served.application.site else ""
        body = request.body.decode("utf-8", "replace")
        api_request = HttpRequest(request.method, target, dict(request.headers), body, host)
        response = self._served.world.internet.send(address, api_request)
        return ServerReply(response.status, response.headers, response.body.encode())

    def _serve_sign_in(self, request: ServerRequest, rest: str) -> ServerReply | None:
        region, _, path = rest.partition("/")
        if region not in self._regions or self._served.engine.interceptor.has_outage(region):
            return None
        parts = (request.method, f"/{path}", request.query, request.body.decode("utf-8", "replace"))
        return ServerReply(
            *self._content.answer_sign_in(region, _origin_of(request), parts, self._served.engine.clock.now)
        )

    def _change_region_outage(self, request: ServerRequest, rest: str) -> ServerReply:
        action, _, region = rest.partition("/")
        if request.method != "POST":
            return problem_reply(405, "Wrong method", f"{request.path} does not accept {request.method}", "use POST")
        try:
            if action == "down":
                self._served.incidents.start_outage(region)
            elif action == "up":
                self._served.incidents.end_outage(region)
            else:
                return problem_reply(404, "No such path", request.path, "use /operator/down/ or /operator/up/")
        except InvalidIncident as error:
            return problem_reply(409, "Outage not changed", str(error), error.remedy)
        return ServerReply(204)

    @property
    def _regions(self) -> tuple[str, str]:
        return self._served.application.regions.both


def _origin_of(request: ServerRequest) -> str:
    """Return the web origin that the request was sent to."""
    return f"http://{request.headers.get('host', '')}"
