"""Does the application answer as it should? Plain requests, as a user's browser would make them.

A check that fails is "not serving yet", never an error: a page can be slow, a name can be cached, a server can still be
starting. Only the step's time decides that it does not serve.

`consecutive` passes are counted within one look: the whole set of checks is made that many times, a short pause apart,
and the first failure ends the look. Nothing needs to be remembered between looks, and a look that passed says that the
application served steadily just now.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat
from urllib3.exceptions import HTTPError

from leeward.common.errors import InvalidInput
from leeward.common.polling import PollResult

_PAUSE_SECONDS = 1.0
# A look must end within the task's 60 s, also where every page takes nearly its whole time.
_TIME_LIMIT_SECONDS = 45.0


class PageCheck(BaseModel):
    """One page: `url` as users know it; `connect_to`, a host (or host:port) to ask instead of the URL's own;
    `contains`, text that the page must have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    connect_to: str | None = None
    contains: str | None = None
    status: int = Field(default=200, ge=100, le=599)


class PageCheckSettings(BaseModel):
    """What is asked, how many times in a row it must pass, and how long one request may take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checks: tuple[PageCheck, ...] = Field(min_length=1)
    consecutive: int = Field(default=1, ge=1, le=20)
    request_timeout_seconds: PositiveFloat = Field(default=5, le=30)


@dataclass(frozen=True, slots=True)
class PageCheckResult:
    """What one request saw."""

    passed: bool
    description: str


def run_checks(settings: PageCheckSettings) -> PollResult:
    """Make the checks, `consecutive` times in a row."""
    began = time.monotonic()
    for number in range(1, settings.consecutive + 1):
        if number > 1:
            time.sleep(_PAUSE_SECONDS)
        for check in settings.checks:
            if time.monotonic() - began > _TIME_LIMIT_SECONDS:
                return PollResult(False, f"answers too slowly: {number - 1} of {settings.consecutive} rounds in a look")
            seen = run_check(check, settings.request_timeout_seconds)
            if not seen.passed:
                return PollResult(False, f"{check.url}: {seen.description} (round {number} of {settings.consecutive})")
    pages = ", ".join(check.url for check in settings.checks)
    return PollResult(True, f"{pages}: as expected, {settings.consecutive} times in a row")


def run_check(check: PageCheck, timeout_seconds: float) -> PageCheckResult:
    """Ask for one page, once; no redirect is followed. Raises InvalidInput for a URL that is none."""
    url = urlsplit(check.url)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise InvalidInput(f"{check.url!r} is not an http or https URL")
    address = url._replace(netloc=check.connect_to).geturl() if check.connect_to else check.url
    pool = _tls_pool(url.hostname) if url.scheme == "https" and check.connect_to else urllib3.PoolManager()
    try:
        response = pool.request(
            "GET",
            address,
            headers={"Host": url.netloc, "User-Agent": "leeward-check", "Cache-Control": "no-cache"},
            timeout=urllib3.Timeout(connect=timeout_seconds, read=timeout_seconds),
            retries=False,
            redirect=False,
        )
    except HTTPError as error:
        return PageCheckResult(False, f"no answer ({type(error).__name__})")
    finally:
        pool.clear()
    return judge_response(check, response.status, response.data)


def judge_response(check: PageCheck, status: int, body: bytes) -> PageCheckResult:
    """Whether an answer is the expected one."""
    if status != check.status:
        return PageCheckResult(False, f"status {status}, expected {check.status}")
    if check.contains is not None and check.contains not in body.decode("utf-8", "replace"):
        return PageCheckResult(False, f"status {status}, but the page does not contain {check.contains!r}")
    return PageCheckResult(True, f"status {status}")


def _tls_pool(host: str) -> urllib3.PoolManager:
    """TLS for the URL's own host, though another is connected to: its certificate must be the application's."""
    return urllib3.PoolManager(server_hostname=host, assert_hostname=host)
