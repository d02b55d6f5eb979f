"""Page checks: over real sockets, and on the twin's internet."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from urllib3.exceptions import ConnectTimeoutError

from leeward.traffic.checks.http_checks import PageCheck, run_check
from leeward.twin.engine import HttpResponse
from tests.support.task_world import TaskFailed, TaskWorld

URL = "http://www.example.com/"
CHECK = {"url": URL, "connect_to": "lb.example.com", "contains": "Home", "status": 200}
PARAMETERS: dict[str, Any] = {"checks": [CHECK], "consecutive": 3, "request_timeout_seconds": 5}


class Pages:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self, *answers: HttpResponse | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        self.asked.append((url, headers["Host"]))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


GOOD = HttpResponse(200, {}, b"<h1>Home</h1>")


def test_consecutive_passes_are_made_in_one_poll(world: TaskWorld) -> None:
    pages = world.engine.interceptor.http.handler = Pages(GOOD)
    assert world.poll_once("http_check", **PARAMETERS)["status"] == "done"
    assert pages.asked == [("http://lb.example.com/", "www.example.com")] * 3


def test_one_failed_request_restarts_the_count(world: TaskWorld) -> None:
    world.engine.interceptor.http.handler = Pages(GOOD, GOOD, HttpResponse(503), GOOD)
    first = world.look_once("http_check", **PARAMETERS)
    assert first["status"] == "waiting"
    assert first["detail"] == f"{URL}: status 503, expected 200 (round 3 of 3)"
    assert world.poll_once("http_check", **PARAMETERS)["status"] == "done"


@pytest.mark.parametrize(
    ("answer", "output"),
    [
        (HttpResponse(200, {}, b"Catalogue"), "does not contain 'Home'"),
        (HttpResponse(302, {"Location": "/"}), "status 302, expected 200"),
        (ConnectTimeoutError("swallowed"), "no complete answer within 5 s (ConnectTimeoutError)"),
    ],
)
def test_failing_check_times_out_with_last_reason(
    world: TaskWorld, answer: HttpResponse | Exception, output: str
) -> None:
    world.engine.interceptor.http.handler = Pages(answer)
    assert output in world.poll_once("http_check", **PARAMETERS)["detail"]
    with pytest.raises(TaskFailed, match="TimedOut"):
        world.run_until_done("http_check", minutes=1, **PARAMETERS)


def test_answer_after_the_request_timeout_is_no_answer(world: TaskWorld) -> None:
    def late(method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        world.engine.clock.sleep(8)
        return GOOD

    world.engine.interceptor.http.handler = late
    assert "no complete answer within 5 s" in world.poll_once("http_check", **PARAMETERS)["detail"]


def test_poll_ends_within_task_timeout_for_slow_pages(world: TaskWorld) -> None:
    def slow(method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        world.engine.clock.sleep(4)
        return GOOD

    world.engine.interceptor.http.handler = slow
    began = world.engine.clock.now()
    look = world.poll_once("http_check", **PARAMETERS | {"consecutive": 20})
    assert "answers too slowly" in look["detail"]
    assert (world.engine.clock.now() - began).total_seconds() < 60


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = (302, b"") if self.path == "/moved" else (200, f"Home of {self.headers['Host']}".encode())
        self.send_response(status)
        self.send_header("Location", "/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_check_sends_host_name_to_connect_address(site: str) -> None:
    check = PageCheck(url="http://www.example.com/page", connect_to=site, contains="Home of www.example.com")
    assert run_check(check, 2).passed


def test_redirect_is_a_failure(site: str) -> None:
    assert run_check(PageCheck(url=f"http://{site}/moved"), 2).description == "status 302, expected 200"


def test_closed_port_is_reported() -> None:
    assert run_check(PageCheck(url="http://127.0.0.1:1/"), 1).description.startswith("no answer (")
