"""Synthetic transactions on the twin's internet: written, read back, by the Region that is expected."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from leeward.twin.engine import HttpResponse
from tests.support.task_world import TaskWorld

PARAMETERS = {
    "url": "https://api.example.com",
    "connect_to": None,
    "write_path": "/ticket",
    "write_body": {"description": "A check", "clientToken": "{token}"},
    "read_path": "/ticket/{id}",
    "served_by": "eu-west-1",
    "consecutive": 2,
    "request_timeout_seconds": 5,
    "canary": None,
}


class Api:
    """Writes and reads like an API with idempotent writes, in `region`."""

    def __init__(self, world: TaskWorld, region: str) -> None:
        self.world, self.region = world, region
        self.kept: dict[str, dict[str, str]] = {}
        self.tokens: list[str] = []
        self.broken = False

    def __call__(self, method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        if self.broken:
            return HttpResponse(503, {}, b"{}")
        if method == "POST":
            token = json.loads(self.world.engine.interceptor.http.request_body)["clientToken"]
            self.tokens.append(token)
            made = self.kept.setdefault(token, {"id": f"t-{len(self.kept)}", "region": self.region})
            return HttpResponse(200, {}, json.dumps(made).encode())
        found = [t for t in self.kept.values() if url.endswith(f"/ticket/{t['id']}")]
        return HttpResponse(200, {}, json.dumps(found[0]).encode()) if found else HttpResponse(404)


def test_transaction_writes_and_reads_required_rounds(world: TaskWorld) -> None:
    api = world.engine.interceptor.http.handler = Api(world, "eu-west-1")
    seen = world.poll_once("api_transaction", **PARAMETERS)
    assert seen["status"] == "done"
    assert "by eu-west-1, 2 times in a row" in seen["detail"]
    assert len(set(api.tokens)) == 2


def test_response_of_another_region_keeps_waiting(world: TaskWorld) -> None:
    """Users move while it looks: a look of its own must not be told the first look's answer for ever."""
    api = world.engine.interceptor.http.handler = Api(world, "ap-southeast-1")
    event = world.event(**PARAMETERS)
    poll = {"first_seconds": 5, "longest_seconds": 15, "timeout_seconds": 300}
    first = world.call("api_transaction", event | {"poll": poll})
    assert first["status"] == "waiting"
    assert "written in ap-southeast-1, expected eu-west-1" in first["detail"]
    api.region = "eu-west-1"
    later = poll | {"attempt": first["attempt"], "started_at": first["started_at"]}
    assert world.call("api_transaction", event | {"poll": later})["status"] == "done"


def test_failing_api_keeps_waiting(world: TaskWorld) -> None:
    api = world.engine.interceptor.http.handler = Api(world, "eu-west-1")
    api.broken = True
    seen = world.poll_once("api_transaction", **PARAMETERS)
    assert seen["status"] == "waiting"
    assert "POST /ticket answered 503" in seen["detail"]


def test_read_must_return_written_item(world: TaskWorld) -> None:
    class Forgetful(Api):
        def __call__(self, method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
            answer = super().__call__(method, url, headers)
            return answer if method == "POST" else HttpResponse(200, {}, b'{"id": "t-of-another"}')

    world.engine.interceptor.http.handler = Forgetful(world, "eu-west-1")
    assert "was written, and something else was read back" in world.poll_once("api_transaction", **PARAMETERS)["detail"]


@pytest.mark.parametrize(
    ("body", "output"),
    [
        (b"<html>", "POST /ticket did not return a JSON object"),
        (b"[]", "POST /ticket did not return a JSON object"),
        (b"{}", "the response to the write has no id"),
        (b'{"id": ""}', "the response to the write has no id"),
        (b'{"id": 7}', "the response to the write has no id"),
        (b'{"id": "t-1"}', "written in an unnamed Region, expected eu-west-1"),
    ],
)
def test_unusable_response_is_reported(world: TaskWorld, body: bytes, output: str) -> None:
    world.engine.interceptor.http.handler = lambda _method, _url, _headers: HttpResponse(200, {}, body)
    seen = world.poll_once("api_transaction", **PARAMETERS)
    assert (seen["status"], "(round 1 of 2)" in seen["detail"]) == ("waiting", True)
    assert output in seen["detail"]


def test_only_body_and_path_placeholders_are_filled(world: TaskWorld) -> None:
    asked: list[tuple[str, str, object]] = []

    def api(method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        body = json.loads(world.engine.interceptor.http.request_body) if method == "POST" else None
        asked.append((method, url, body))
        assert headers["User-Agent"] == "leeward-check"
        assert headers["Host"] == "api.example.com"
        return HttpResponse(200, {}, b'{"id": "a/b", "region": "eu-west-1"}')

    world.engine.interceptor.http.handler = api
    body = {"description": "A check", "priority": 3, "clientToken": "{token}"}
    world.poll_once(
        "api_transaction", **{**PARAMETERS, "write_body": body, "consecutive": 1, "connect_to": "alb.example"}
    )
    (method, url, sent), (_, read, _) = asked
    assert (method, url, read) == ("POST", "https://alb.example/ticket", "https://alb.example/ticket/a%2Fb")
    assert isinstance(sent, dict)
    assert (sent["description"], sent["priority"], len(sent["clientToken"])) == ("A check", 3, 32)
