"""Listens on a loopback port: threads read HTTP requests, refuse those that no AWS client sends, and write replies.

The port is bound to 127.0.0.1 only. A web page that is open on the same machine must not be able to control the
simulation. The Host header must therefore be loopback, which excludes a name that an attacker points at 127.0.0.1.
Requests with the headers that a browser adds by itself are refused, and no reply has a CORS header.
"""

from __future__ import annotations

import errno
import re
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler
from typing import Any

from leeward.twin.errors import TwinError
from leeward.twin.server.transport.request_queue import ServerReply, ServerRequest

LOOPBACK = "127.0.0.1"
# The largest body of an AWS call, far above any that a recovery sends.
MAX_BODY_BYTES = 32 * 1024 * 1024
# How long an idle connection is kept, in real seconds.
_IDLE_SECONDS = 120
_LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
# Headers that the listener writes itself, or that belong to a connection and not to a reply.
_CONNECTION_HEADERS = frozenset({"connection", "content-length", "keep-alive", "server", "status", "transfer-encoding"})
RequestHandler = Callable[[ServerRequest], ServerReply | None]
RequestFilter = Callable[[Mapping[str, str]], str | None]


class PortUnavailable(TwinError):
    """Another process uses the port, or the port requires privileges."""


class _MalformedRequest(Exception):
    """A request that cannot be read. The connection must close."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def loopback_refusal_reason(headers: Mapping[str, str]) -> str | None:
    """Return why a request is refused, or None. The names of `headers` are in lowercase."""
    host = headers.get("host", "")
    if not _LOOPBACK_HOST.fullmatch(host):
        return f"the Host header must be {LOOPBACK} or localhost, not {host!r}"
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        return "requests from a web page are refused"
    return None


class HttpListener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens from its creation on. Each connection has its own thread, so a slow client does not delay others."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer_request: RequestHandler, refusal_reason: RequestFilter | None = None) -> None:
        """Listen on `port` (0: any free port).

        `refusal_reason` returns from the headers why a request is refused. By default, requests from web pages are
        refused. Raises PortUnavailable.
        """
        self.answer_request = answer_request
        self.refusal_reason = refusal_reason or loopback_refusal_reason
        try:
            super().__init__((LOOPBACK, port), _ConnectionHandler)
        except OSError as error:
            reasons = {errno.EADDRINUSE: "something else listens there", errno.EACCES: "it needs privileges"}
            raise PortUnavailable(
                f"port {port} cannot be used: {reasons.get(error.errno or 0, error.strerror)}"
            ) from error

    @property
    def port(self) -> int:
        """The port that the listener uses."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Start accepting requests."""
        threading.Thread(target=self.serve_forever, args=(0.2,), name="twin-listener", daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that closed the connection."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _ConnectionHandler(BaseHTTPRequestHandler):
    """One connection, kept alive between its requests."""

    server: HttpListener
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "LeewardTwin", ""
    timeout = _IDLE_SECONDS
    # Headers and body are two writes; without this a client waits for a delayed acknowledgement between them.
    disable_nagle_algorithm = True

    def answer(self) -> None:
        """Answer a request with any method."""
        try:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self._read_body()
        except _MalformedRequest as error:
            self.close_connection = True
            self._write_reply(ServerReply(error.status, {"content-type": "text/plain"}, f"{error}\n".encode()))
            return
        reason = self.server.refusal_reason(headers)
        if reason is not None:
            self._write_reply(ServerReply(403, {"content-type": "text/plain"}, f"{reason}\n".encode()))
            return
        reply = self.server.answer_request(ServerRequest(self.command, self.path, headers, body))
        if reply is None:
            self.close_connection = True
            return
        self._write_reply(reply)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing. The world's state shows the calls."""

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        content_length = self.headers.get("Content-Length", "0")
        if not content_length.isdecimal():
            raise _MalformedRequest(400, f"Content-Length {content_length!r} is not a number")
        if int(content_length) > MAX_BODY_BYTES:
            raise _MalformedRequest(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
        return self.rfile.read(int(content_length))

    def _read_chunks(self) -> bytes:
        body = b""
        while True:
            try:
                size = int(self.rfile.readline(64).split(b";")[0], 16)
            except ValueError:
                raise _MalformedRequest(400, "a chunk of the body has no size") from None
            if size < 0 or len(body) + size > MAX_BODY_BYTES:
                raise _MalformedRequest(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
            body += self.rfile.read(size)
            self.rfile.readline(64)
            if size == 0:
                return body

    def _write_reply(self, reply: ServerReply) -> None:
        try:
            # send_response_only adds no Date header, because a simulated service may send one.
            self.send_response_only(reply.status)
            self.send_header("Server", self.server_version)
            for name, value in reply.headers.items():
                if name.lower() not in _CONNECTION_HEADERS:
                    self.send_header(name, value)
            declared_length = next((v for n, v in reply.headers.items() if n.lower() == "content-length"), None)
            is_head = self.command == "HEAD"
            self.send_header("Content-Length", declared_length if is_head and declared_length else str(len(reply.body)))
            self.end_headers()
            if not is_head:
                self.wfile.write(reply.body)
        except (OSError, HTTPException):
            self.close_connection = True
