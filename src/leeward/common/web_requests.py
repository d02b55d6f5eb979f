"""HTTP requests that end: each has one deadline for connecting, the headers, and the body together.

urllib3 limits each read, so a server that sends one byte every two seconds holds a request for as long as it likes.
Here, each read may take only what is left of the request's time. A body is also limited in size.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as RequestTimeout

# Far more than a page or an API's answer that a check reads.
_MAX_BODY_BYTES = 10 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class NoAnswer(Exception):
    """No complete answer arrived. The message says what happened."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """A complete answer."""

    status: int
    body: bytes


def send_request(
    method: str,
    url: str,
    *,
    timeout_seconds: float,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    verify_host: str | None = None,
) -> WebAnswer:
    """Send one request without retries or redirects, and return the complete answer within `timeout_seconds`.

    `verify_host` is the host whose certificate the server must have, if it isn't the URL's. Raises NoAnswer.
    """
    deadline = time.monotonic() + timeout_seconds
    with _create_pool(url, deadline, verify_host) as pool:
        try:
            response = pool.request(
                method,
                url,
                headers=headers,
                body=body,
                timeout=urllib3.Timeout(total=timeout_seconds, connect=timeout_seconds, read=timeout_seconds),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            return WebAnswer(response.status, _read_body(response, deadline, timeout_seconds))
        except RequestTimeout as error:
            raise NoAnswer(_describe_timeout(deadline, timeout_seconds, error)) from error
        except HTTPError as error:
            raise NoAnswer(f"no answer ({type(error).__name__})") from error


def _read_body(response: urllib3.BaseHTTPResponse, deadline: float, timeout_seconds: float) -> bytes:
    body = b""
    for chunk in response.stream(_CHUNK_BYTES):
        body += chunk
        if time.monotonic() > deadline:
            raise NoAnswer(f"answers without end: no complete answer within {timeout_seconds:g} s")
        if len(body) > _MAX_BODY_BYTES:
            raise NoAnswer(f"answers without end: more than {_MAX_BODY_BYTES:,} bytes")
    return body


def _describe_timeout(deadline: float, timeout_seconds: float, error: Exception) -> str:
    if time.monotonic() >= deadline:
        return f"no complete answer within {timeout_seconds:g} s ({type(error).__name__})"
    return f"no answer ({type(error).__name__})"


def _create_pool(url: str, deadline: float, verify_host: str | None) -> urllib3.PoolManager:
    options: dict[str, Any] = {}
    if urlsplit(url).scheme == "https" and verify_host is not None:
        options = {"server_hostname": verify_host, "assert_hostname": verify_host}
    pool = urllib3.PoolManager(**options)
    pool.pool_classes_by_scheme = {
        "http": type("HttpPool", (HTTPConnectionPool,), {"ConnectionCls": _limited(HTTPConnection, deadline)}),
        "https": type("HttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": _limited(HTTPSConnection, deadline)}),
    }
    return pool


def _limited(connection: type[HTTPConnection], deadline: float) -> type[HTTPConnection]:
    """Return the class of connections whose response is read only until the deadline."""

    def getresponse(self: Any) -> Any:
        own = self.sock
        self.sock = _LimitedSocket(own, deadline)
        try:
            return connection.getresponse(self)
        finally:
            if isinstance(self.sock, _LimitedSocket):
                self.sock = own

    return type(f"Limited{connection.__name__}", (connection,), {"getresponse": getresponse})


class _LimitedSocket:
    """A socket of which http.client makes the file that it reads headers and body from."""

    def __init__(self, own: socket.socket, deadline: float) -> None:
        self._own, self._deadline = own, deadline

    def makefile(self, *_options: Any) -> io.BufferedReader:
        # The file keeps the socket open until it is closed, also if http.client closes the socket first.
        return io.BufferedReader(_LimitedReads(self._own, self._own.makefile("rb", buffering=0), self._deadline))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


class _LimitedReads(io.RawIOBase):
    """Reads a socket, each time no longer than what is left until the deadline."""

    def __init__(self, own: socket.socket, file: Any, deadline: float) -> None:
        super().__init__()
        self._own, self._file, self._deadline = own, file, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request's time is over")
        self._own.settimeout(left)
        read: int | None = self._file.readinto(buffer)
        return read

    def close(self) -> None:
        self._file.close()
        super().close()
