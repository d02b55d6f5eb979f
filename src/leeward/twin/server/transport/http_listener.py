"""The port: threads that read HTTP requests, refuse what no AWS client sends, and write answers.

Bound to 127.0.0.1 alone. A web page that someone opens on the same machine must not be able to drive the simulation, so
the Host must be loopback (a name that an attacker points at 127.0.0.1 is not), what a browser sends of its own accord
is refused, and no answer carries a CORS header.
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
# The largest body of an AWS call, far above any that a recovery makes.
MAX_BODY_BYTES = 32 * 1024 * 1024
# How long, really, an idle connection is kept.
_IDLE_SECONDS = 120
_LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
# What the door writes itself, or what belongs to a connection and not to an answer.
_CONNECTION_HEADERS = frozenset({"connection", "content-length", "keep-alive", "server", "status", "transfer-encoding"})
RequestHandler = Callable[[ServerRequest], ServerReply | None]
RequestFilter = Callable[[Mapping[str, str]], str | None]


class PortUnavailable(TwinError):
    """Something else listens on the port, or the port may not be used."""


class _MalformedRequest(Exception):
    """A request that cannot be read; the connection is of no further use."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def loopback_refusal_reason(headers: Mapping[str, str]) -> str | None:
    """Why a request may not come in, None when it may. Names of headers are in lower case."""
    host = headers.get("host", "")
    if not _LOOPBACK_HOST.fullmatch(host):
        return f"the Host header must be {LOOPBACK} or localhost, not {host!r}"
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        return "requests that a web page makes are not answered"
    return None


class HttpListener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Open from the moment it is made; a thread per connection, so no client waits for another's slowness."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer_request: RequestHandler, refusal_reason: RequestFilter | None = None) -> None:
        """Listen on `port` (0: any that is free). `refusing` says by its headers why a request may not come in; by
        default what a web page makes may not. Raises PortUnavailable."""
        self.answer_request = answer_request
        self.refusal_reason = refusal_reason or loopback_refusal_reason
        try:
            super().__init__((LOOPBACK, port), _ConnectionHandler)
        except OSError as error:
            why = {errno.EADDRINUSE: "something else listens there", errno.EACCES: "it needs privileges"}
            raise PortUnavailable(f"port {port} cannot be used: {why.get(error.errno or 0, error.strerror)}") from error

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Let requests in."""
        threading.Thread(target=self.serve_forever, args=(0.2,), name="twin-door", daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event."""
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
        """Any method."""
        try:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self._read_body()
        except _MalformedRequest as error:
            self.close_connection = True
            self._write_reply(ServerReply(error.status, {"content-type": "text/plain"}, f"{error}\n".encode()))
            return
        why = self.server.refusal_reason(headers)
        if why is not None:
            self._write_reply(ServerReply(403, {"content-type": "text/plain"}, f"{why}\n".encode()))
            return
        reply = self.server.answer_request(ServerRequest(self.command, self.path, headers, body))
        if reply is None:
            self.close_connection = True
            return
        self._write_reply(reply)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged; the world's state tells what was called."""

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        told = self.headers.get("Content-Length", "0")
        if not told.isdecimal():
            raise _MalformedRequest(400, f"Content-Length {told!r} is no number")
        if int(told) > MAX_BODY_BYTES:
            raise _MalformedRequest(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
        return self.rfile.read(int(told))

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
            # send_response_only: no Date of the door's own, where a simulated service gives one.
            self.send_response_only(reply.status)
            self.send_header("Server", self.server_version)
            for name, value in reply.headers.items():
                if name.lower() not in _CONNECTION_HEADERS:
                    self.send_header(name, value)
            told = next((v for n, v in reply.headers.items() if n.lower() == "content-length"), None)
            silent = self.command == "HEAD"
            self.send_header("Content-Length", told if silent and told else str(len(reply.body)))
            self.end_headers()
            if not silent:
                self.wfile.write(reply.body)
        except (OSError, HTTPException):
            self.close_connection = True
