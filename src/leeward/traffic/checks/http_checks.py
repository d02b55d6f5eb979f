"""HTTP checks: request pages as a browser would, and compare status and content.

A failed check means "not serving yet", not an error. A page can be slow, a DNS name can be cached, and a server can be
starting. The step fails only when it times out.

Each poll runs all checks `consecutive` times with a short pause, and stops at the first failure. So there is no state
between polls, and a passed poll means that the application just served steadily.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from leeward.common.claims.types.traffic_claims import PagesServed
from leeward.common.errors import InvalidInput
from leeward.common.polling import PollResult
from leeward.common.web_requests import NoAnswer, send_request

_PAUSE_SECONDS = 1.0
# No request begins that could end later, so that a task's call stays below 30 s.
_TIME_LIMIT_SECONDS = 28.0


class PageCheck(BaseModel):
    """A page to request.

    `url` is the URL that users request. `connect_to` is a host, or host:port, to connect to instead of the URL's own.
    `contains` is text that the page must contain.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    url: str
    connect_to: str | None = None
    contains: str | None = None
    status: int = Field(default=200, ge=100, le=599)


class PageCheckSettings(BaseModel):
    """The pages to request, the number of rounds that must pass in a row, and the timeout of a request."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    checks: tuple[PageCheck, ...] = Field(min_length=1)
    consecutive: int = Field(default=1, ge=1, le=20)
    request_timeout_seconds: PositiveFloat = Field(default=5, le=20)


@dataclass(frozen=True, slots=True)
class PageCheckResult:
    """The result of one request."""

    passed: bool
    description: str


def run_checks(settings: PageCheckSettings) -> PollResult:
    """Run all checks `consecutive` times in a row. The poll is done when every round passes."""
    start = time.monotonic()
    for round_number in range(1, settings.consecutive + 1):
        if round_number > 1:
            time.sleep(_PAUSE_SECONDS)
        for check in settings.checks:
            if time.monotonic() - start + settings.request_timeout_seconds > _TIME_LIMIT_SECONDS:
                return PollResult(
                    False, f"answers too slowly: {round_number - 1} of {settings.consecutive} rounds in one poll"
                )
            result = run_check(check, settings.request_timeout_seconds)
            if not result.passed:
                return PollResult(
                    False, f"{check.url}: {result.description} (round {round_number} of {settings.consecutive})"
                )
    urls = tuple(check.url for check in settings.checks)
    return PollResult.reached(PagesServed(urls=urls, times=settings.consecutive))


def run_check(check: PageCheck, timeout_seconds: float) -> PageCheckResult:
    """Request a page once, without following redirects. Raises InvalidInput if the URL is not valid."""
    url = urlsplit(check.url)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise InvalidInput(f"{check.url!r} is not an http or https URL")
    address = url._replace(netloc=check.connect_to).geturl() if check.connect_to else check.url
    try:
        answer = send_request(
            "GET",
            address,
            timeout_seconds=timeout_seconds,
            headers={"Host": url.netloc, "User-Agent": "leeward-check", "Cache-Control": "no-cache"},
            verify_host=url.hostname if check.connect_to else None,
        )
    except NoAnswer as error:
        return PageCheckResult(False, str(error))
    return judge_response(check, answer.status, answer.body)


def judge_response(check: PageCheck, status: int, body: bytes) -> PageCheckResult:
    """Return whether a response has the expected status and content."""
    if status != check.status:
        return PageCheckResult(False, f"status {status}, expected {check.status}")
    if check.contains is not None and check.contains not in body.decode("utf-8", "replace"):
        return PageCheckResult(False, f"status {status}, but the page does not contain {check.contains!r}")
    return PageCheckResult(True, f"status {status}")
