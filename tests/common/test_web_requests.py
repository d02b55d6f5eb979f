"""Every request ends within its time, whatever the server does. The servers here are real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from leeward.common.web_requests import NoAnswer, WebAnswer, send_request

Serve = Callable[[socket.socket], None]


@contextmanager
def served(serve: Serve) -> Iterator[str]:
    """Serve one request on a port of this machine, and return its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/page"


def drip(first: bytes, byte: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(100):
            time.sleep(0.05)
            try:
                connection.sendall(byte)
            except OSError:
                return

    return serve


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "first",
    [
        b"",  # the status line comes byte by byte
        HEAD,  # the headers
        HEAD + b"Content-Length: 1000\r\n\r\n",
        HEAD + b"Connection: close\r\n\r\n",
    ],
    ids=["status", "headers", "body", "body-without-length"],
)
def test_server_that_sends_a_byte_at_a_time_is_left_in_time(first: bytes) -> None:
    started_at = time.monotonic()
    with served(drip(first, b"x")) as url, pytest.raises(NoAnswer, match=r"no complete answer within 0.4 s"):
        send_request("GET", url, timeout_seconds=0.4)
    assert 0.3 < time.monotonic() - started_at < 2


def test_endless_body_is_not_read_forever() -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Connection: close\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 1_000_000)
        except OSError:
            return

    with served(serve) as url, pytest.raises(NoAnswer, match="answers without end: more than 10,485,760 bytes"):
        send_request("GET", url, timeout_seconds=20)


@pytest.mark.parametrize("header", [b"Content-Length: 5\r\n", b"Connection: close\r\n"])
def test_complete_answer_is_returned(header: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(HEAD + header + b"\r\n")
        time.sleep(0.05)
        connection.sendall(b"hello")

    with served(serve) as url:
        assert send_request("GET", url, timeout_seconds=5) == WebAnswer(200, b"hello")


def test_redirect_is_an_answer() -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 301 Moved\r\nLocation: /page/\r\nContent-Length: 0\r\n\r\n")

    with served(serve) as url:
        assert send_request("GET", url, timeout_seconds=5).status == 301


def test_closed_port_and_broken_answer_are_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NoAnswer, match="NewConnectionError"):
        send_request("GET", f"http://127.0.0.1:{port}/", timeout_seconds=1)
    with served(lambda connection: connection.sendall(b"nonsense\r\n\r\n")) as url, pytest.raises(NoAnswer):
        send_request("GET", url, timeout_seconds=2)
