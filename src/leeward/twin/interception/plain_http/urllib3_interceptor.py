"""Answers plain HTTP requests through urllib3, such as checks of a web page, from the simulated internet."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.util import Retry, Timeout

from leeward.twin.errors import NotSimulated
from leeward.twin.interception.plain_http import sts_identity
from leeward.twin.patching.attribute_replacement import replace_attribute

# How long a request without a timeout waits: Linux stops connecting after about two minutes.
_NO_TIMEOUT_SECONDS = 127.0


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """The response of a web server."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


RawHttpResponse = tuple[int, Mapping[str, str], bytes]


class HttpHandler(Protocol):
    """The simulated internet. Raises urllib3's exceptions if no response arrives.

    For ConnectTimeoutError and ReadTimeoutError, the request's own timeout passes on the virtual clock before the
    caller sees them.
    """

    def __call__(self, method: str, url: str, headers: Mapping[str, str]) -> HttpResponse | RawHttpResponse:
        """Return the response. `url` names the host to connect to. `headers` may contain a different `Host`."""
        ...


class HttpClock(Protocol):
    """What the interceptor needs of the virtual clock."""

    def check_caller(self) -> None:
        """Raise an error if the caller is not part of the simulation."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass."""
        ...


class Urllib3Interceptor:
    """Answers the requests of `urllib3.PoolManager` while it is attached. Does not follow redirects."""

    def __init__(self, clock: HttpClock) -> None:
        self._clock = clock
        self.handler: HttpHandler | None = None
        # The account of the identities that STS returns, which the engine sets.
        self.account = ""
        # The time for signatures: virtual, except for the clients of a served world.
        self.signature_clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        # The body of the current request. The handler has no parameter for it.
        self.request_body = b""

    def answer_request(self, method: str, url: str, options: dict[str, Any]) -> Any:
        """Return urllib3's response to a request. Raises NotSimulated when no handler is set."""
        self._clock.check_caller()
        sts_region = sts_identity.find_sts_region(url)
        if sts_region is not None:
            request_headers = dict(options.get("headers") or {})
            status, response_headers, body = sts_identity.answer_caller_identity(
                url, request_headers, sts_region, self.account, self.signature_clock()
            )
            return _build_response(HttpResponse(status, response_headers, body), method, url, options)
        if self.handler is None:
            raise NotSimulated(f"{method} {url}: no interceptor.http.handler is set. It was not sent anywhere")
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
        response = answer if isinstance(answer, HttpResponse) else HttpResponse(*answer)
        return _build_response(response, method, url, options)


def _build_response(response: HttpResponse, method: str, url: str, options: Mapping[str, Any]) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(
        body=io.BytesIO(response.body),
        headers=dict(response.headers),
        status=response.status,
        preload_content=bool(options.get("preload_content", True)),
        request_method=method,
        request_url=url,
    )


_attached_interceptor: Urllib3Interceptor | None = None


def attach_interceptor(interceptor: Urllib3Interceptor | None) -> None:
    """Answer every request with `interceptor`. Pass None when the engine closes."""
    global _attached_interceptor  # noqa: PLW0603 - urllib3's classes have no reference to the engine
    _attached_interceptor = interceptor


def answer_plain_requests() -> None:
    """Answer urllib3's requests from the simulated internet, and refuse those that go directly to a connection pool.

    moto only replaces the requests of botocore and of `requests`. All others would leave the process.
    """

    def urlopen(manager: urllib3.PoolManager, method: str, url: str, redirect: bool = True, **options: Any) -> Any:
        if _attached_interceptor is None:
            return manager_urlopen(manager, method, url, redirect, **options)
        return _attached_interceptor.answer_request(method, url, options)

    def refuse(pool: urllib3.HTTPConnectionPool, method: str, url: str, *args: Any, **options: Any) -> Any:
        if _attached_interceptor is None:
            return pool_urlopen(pool, method, url, *args, **options)
        raise NotSimulated(
            f"{method} {url} goes to a connection pool, which bypasses the twin. It was not sent anywhere"
        )

    manager_urlopen = replace_attribute(urllib3.PoolManager, "urlopen", urlopen)
    pool_urlopen = replace_attribute(urllib3.HTTPConnectionPool, "urlopen", refuse)


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
