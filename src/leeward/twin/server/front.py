"""The front: what a person's browser sees of the application, on a port of its own of loopback.

    /                       the application's page, with its config.json
    /api/...                the API as users reach it: by name, through the twin's DNS, with a resolver's cache
    /at/<Region>/...        one Region's API, past the DNS
    /sign-in/<Region>/...   the hosted sign-in of that Region's user pool
    /operator/down/<Region>, /operator/up/<Region>    POST: the Region goes dark, and comes back

A dark Region closes the connection without an answer, as at the other port. Only the page itself may ask: a request
that another page makes is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from leeward.twin.internet.dns import Answer, NoAnswer
from leeward.twin.internet.http import Request as HttpRequest
from leeward.twin.internet.http import Unreachable
from leeward.twin.server.answers import problem
from leeward.twin.server.incidents import Unfit
from leeward.twin.server.mailbox import Reply, Request
from leeward.twin.server.world import ServedWorld

_LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
# A browser's own words for a request that the page itself makes, and for an address that somebody typed.
_OWN_SITES = ("same-origin", "none")


class FrontOfHouse(Protocol):
    """What the workload shows to a browser."""

    def config(self, origin: str) -> Mapping[str, object]:
        """The page's config.json when it is served at `origin`, but for the operator's buttons."""
        ...

    def file(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """A file of the page: status, headers, content."""
        ...

    def hosted(
        self, region: str, origin: str, request: tuple[str, str, str, str], clock: Callable[[], datetime]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """The hosted sign-in of a Region; `request` is method, path, query and body."""
        ...


def refusal(headers: Mapping[str, str]) -> str | None:
    """Why a request may not come in, None when it may. Names of headers are in lower case."""
    host = headers.get("host", "")
    if not _LOOPBACK_HOST.fullmatch(host):
        return f"the Host header must be 127.0.0.1 or localhost, not {host!r}"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "requests that another page makes are not answered"
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return "requests that another page makes are not answered"
    return None


class Front:
    """Answers the browser, within a task of the simulation; it may wait. None: the connection breaks."""

    def __init__(self, served: ServedWorld, house: FrontOfHouse) -> None:
        self._served, self._house = served, house
        self._answer: Answer | None = None
        self._expires: datetime | None = None
        self._places: dict[str, Callable[[Request, str], Reply | None]] = {
            "api": self._through_dns,
            "at": self._at,
            "sign-in": self._sign_in,
            "operator": self._operate,
        }

    def answer(self, request: Request) -> Reply | None:
        """One request of the browser."""
        first, _, rest = request.path.removeprefix("/").partition("/")
        place = self._places.get(first)
        if place is None:
            return self._page(request)
        try:
            return place(request, rest)
        except (Unreachable, NoAnswer):
            return None

    def _page(self, request: Request) -> Reply:
        if request.path == "/config.json":
            return self._config(_origin(request))
        return Reply(*self._house.file(request.path))

    def _config(self, origin: str) -> Reply:
        operator = [
            {"region": region, "down": f"{origin}/operator/down/{region}", "up": f"{origin}/operator/up/{region}"}
            for region in self._regions
        ]
        told = {**self._house.config(origin), "operator": operator}
        headers = {"content-type": "application/json", "cache-control": "no-store"}
        return Reply(200, headers, json.dumps(told).encode())

    def _through_dns(self, request: Request, rest: str) -> Reply:
        site, now = self._served.application.site, self._served.engine.clock.now()
        if site is None:
            raise NoAnswer("the application has no site")
        if self._answer is None or self._expires is None or now >= self._expires:
            near = self._served.application.regions.primary
            self._answer = self._served.world.names.dns.resolve(urlsplit(site.url).hostname or "", near)
            self._expires = now + timedelta(seconds=self._answer.ttl_seconds)
        return self._send(self._answer.value, request, f"/{rest}")

    def _at(self, request: Request, rest: str) -> Reply:
        region, _, path = rest.partition("/")
        site = self._served.application.site
        if site is None or region not in site.endpoints:
            return problem(404, "No such Region", region, f"there are: {', '.join(self._regions)}")
        return self._send(site.endpoints[region], request, f"/{path}")

    def _send(self, address: str, request: Request, path: str) -> Reply:
        target = path + (f"?{request.query}" if request.query else "")
        host = urlsplit(self._served.application.site.url).netloc if self._served.application.site else ""
        body = request.body.decode("utf-8", "replace")
        sent = HttpRequest(request.method, target, dict(request.headers), body, host)
        answered = self._served.world.internet.send(address, sent)
        return Reply(answered.status, answered.headers, answered.body.encode())

    def _sign_in(self, request: Request, rest: str) -> Reply | None:
        region, _, path = rest.partition("/")
        if region not in self._regions or self._served.engine.wire.is_dark(region):
            return None
        parts = (request.method, f"/{path}", request.query, request.body.decode("utf-8", "replace"))
        return Reply(*self._house.hosted(region, _origin(request), parts, self._served.engine.clock.now))

    def _operate(self, request: Request, rest: str) -> Reply:
        act, _, region = rest.partition("/")
        if request.method != "POST":
            return problem(405, "Wrong method", f"{request.path} does not take {request.method}", "use POST")
        try:
            if act == "down":
                self._served.incidents.darken(region)
            elif act == "up":
                self._served.incidents.light(region)
            else:
                return problem(404, "No such path", request.path, "there are: /operator/down/ and /operator/up/")
        except Unfit as error:
            return problem(409, "Nothing to do", str(error), error.mend)
        return Reply(204)

    @property
    def _regions(self) -> tuple[str, str]:
        return self._served.application.regions.both


def _origin(request: Request) -> str:
    return f"http://{request.headers.get('host', '')}"
