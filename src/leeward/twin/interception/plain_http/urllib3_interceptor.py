"""Plain HTTP by urllib3, as the checks of a web page make it, answered by the simulated internet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.util import Retry, Timeout

from leeward.twin.errors import NotSimulated
from leeward.twin.interception.plain_http import sts_identity

_real_manager_urlopen = urllib3.PoolManager.urlopen
_real_pool_urlopen = urllib3.HTTPConnectionPool.urlopen
# What a request without a timeout waits for: Linux gives up connecting after about two minutes.
_NO_TIMEOUT_SECONDS = 127.0


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a web server answers."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


RawHttpResponse = tuple[int, Mapping[str, str], bytes]


class HttpHandler(Protocol):
    """The simulated internet. Raises urllib3's exceptions where no answer comes; for ConnectTimeoutError and
    ReadTimeoutError the request's own timeout passes on the virtual clock before the caller sees them."""

    def __call__(self, method: str, url: str, headers: Mapping[str, str]) -> HttpResponse | RawHttpResponse:
        """`url` names the host that is connected to; `headers` may hold a `Host` that differs from it."""
        ...


class HttpClock(Protocol):
    """What the interceptor needs of the virtual clock."""

    def check_caller(self) -> None:
        """Raises when the caller is not part of the simulation."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass."""
        ...


class Urllib3Interceptor:
    """Stands in for `urllib3.PoolManager.urlopen` while an engine is open. Follows no redirects."""

    def __init__(self, clock: HttpClock) -> None:
        self._clock = clock
        self.handler: HttpHandler | None = None
        # Whose identities STS tells of; an engine says.
        self.account = ""
        # What time it is for those who sign: the virtual one, but for the clients of a served world.
        self.signature_clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        # Of the request that is being answered; the handler's arguments have no room for it.
        self.request_body = b""

    def patch_urllib3(self) -> None:
        """Stand in for urllib3, and refuse what goes round it to a connection pool."""
        interceptor = self

        def urlopen(_: urllib3.PoolManager, method: str, url: str, redirect: bool = True, **options: Any) -> Any:
            del redirect
            return interceptor._answer_request(method, url, options)

        def refuse(_: urllib3.HTTPConnectionPool, method: str, url: str, *__: Any, **___: Any) -> Any:
            raise NotSimulated(f"{method} {url} goes to a connection pool, round the twin. It was not sent anywhere")

        urllib3.PoolManager.urlopen = urlopen
        urllib3.HTTPConnectionPool.urlopen = refuse

    @staticmethod
    def restore_urllib3() -> None:
        """Give urllib3 back."""
        urllib3.PoolManager.urlopen = _real_manager_urlopen
        urllib3.HTTPConnectionPool.urlopen = _real_pool_urlopen

    def _answer_request(self, method: str, url: str, options: dict[str, Any]) -> Any:
        self._clock.check_caller()
        asked_of = sts_identity.find_sts_region(url)
        if asked_of is not None:
            given = dict(options.get("headers") or {})
            status, told, body = sts_identity.answer_caller_identity(
                url, given, asked_of, self.account, self.signature_clock()
            )
            return urllib3.HTTPResponse(body=body, headers=dict(told), status=status)
        if self.handler is None:
            raise NotSimulated(f"{method} {url}: no wire.http_handler is set. It was not sent anywhere")
        headers = dict(options.get("headers") or {})
        retries = Retry.from_int(options.get("retries"), redirect=False)
        while True:
            try:
                self.request_body = _to_bytes(options.get("body"))
                answer = self.handler(method, url, headers)
                break
            except HTTPError as error:
                if _is_timeout(error):
                    self._clock.sleep(_timeout_seconds(options.get("timeout"), isinstance(error, ReadTimeoutError)))
                retries = retries.increment(method, url, error=error)
                retries.sleep()
        status, answer_headers, body = (
            (answer.status, answer.headers, answer.body) if isinstance(answer, HttpResponse) else answer
        )
        return urllib3.HTTPResponse(
            body=body, headers=dict(answer_headers), status=status, request_method=method, request_url=url
        )


def _to_bytes(body: object) -> bytes:
    return body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""


def _is_timeout(error: HTTPError) -> bool:
    if isinstance(error, NewConnectionError):  # a refusal, though urllib3 derives it from ConnectTimeoutError
        return False
    return isinstance(error, ConnectTimeoutError | ReadTimeoutError)


def _timeout_seconds(timeout: Any, is_reading: bool) -> float:
    parsed = timeout if isinstance(timeout, Timeout) else Timeout.from_float(timeout)
    seconds = parsed.read_timeout if is_reading else parsed.connect_timeout
    return float(seconds) if isinstance(seconds, int | float) else _NO_TIMEOUT_SECONDS
