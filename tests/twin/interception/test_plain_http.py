"""Handlers that fetch a page with urllib3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import urllib3
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ReadTimeoutError

from leeward.twin.engine import HttpResponse
from leeward.twin.errors import NotSimulated
from tests.twin.engine.machines import elapsed, machine, open_engine, run_execution, task

URL = "http://website-1.us-west-2.elb.amazonaws.com/catalogue"
POOL: Any = None


def _get(**options: Any) -> urllib3.BaseHTTPResponse:
    return urllib3.PoolManager().request("GET", URL, headers={"Host": "www.example.com"}, **options)


def test_http_handler_receives_request_and_answers() -> None:
    seen: list[tuple[str, str, dict[str, str]]] = []

    def serve(method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        seen.append((method, url, dict(headers)))
        return HttpResponse(200, {"Content-Type": "text/html"}, b"<h1>Catalogue</h1>")

    with open_engine() as opened:
        opened.interceptor.http.handler = serve
        answer = _get()
    assert seen == [("GET", URL, {"Host": "www.example.com"})]
    assert (answer.status, answer.headers["content-type"], answer.data) == (200, "text/html", b"<h1>Catalogue</h1>")


def test_tuple_and_error_status_are_valid_responses() -> None:
    with open_engine() as opened:
        opened.interceptor.http.handler = lambda method, url, headers: (503, {}, b"no targets")
        answer = _get()
    assert (answer.status, answer.data) == (503, b"no targets")


def test_request_without_handler_is_rejected() -> None:
    with open_engine(), pytest.raises(NotSimulated, match=r"GET http://website-1.*not sent anywhere"):
        _get()


def test_refused_connection_is_retried_like_urllib3() -> None:
    tries: list[str] = []

    def refuse(method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        tries.append(url)
        raise NewConnectionError(POOL, "connection refused")

    with open_engine() as opened:
        opened.interceptor.http.handler = refuse
        with pytest.raises(MaxRetryError):
            _get()
        assert len(tries) == 4
        with pytest.raises(NewConnectionError):
            _get(retries=False)
        assert elapsed(opened) == 0


@pytest.mark.parametrize(
    ("error", "timeout", "seconds"),
    [
        (ConnectTimeoutError, 5.0, 5),
        (ConnectTimeoutError, urllib3.Timeout(connect=2, read=30), 2),
        (ReadTimeoutError, urllib3.Timeout(connect=2, read=30), 30),
        (ConnectTimeoutError, None, 127),
    ],
)
def test_unanswered_request_takes_its_timeout(error: Any, timeout: Any, seconds: float) -> None:
    def silent(method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        raise (ReadTimeoutError(POOL, url, "silence") if error is ReadTimeoutError else error(POOL, "silence"))

    with open_engine() as opened:
        opened.interceptor.http.handler = silent
        with pytest.raises(error):
            _get(timeout=timeout, retries=False)
        assert elapsed(opened) == seconds


def test_lambda_can_fetch_page() -> None:
    with open_engine({"check": lambda event, context: _get(timeout=5).status}) as opened:
        opened.interceptor.http.handler = lambda method, url, headers: HttpResponse(204)
        assert run_execution(opened, machine("A", A=task("check", OutputPath="$.Payload"))).output == 204
