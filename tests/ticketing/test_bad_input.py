"""Whatever is sent: a 4xx with a problem document, and nothing stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.ticketing.service import Answer, Service, in_region, read_answer
from workloads.ticketing.api.handler import handler
from workloads.ticketing.simulated_identity.user_pool import ADA, BEN

GOOD = {"description": "My unicorn is late"}


def refused(answer: Answer, status: int) -> Mapping[str, Any]:
    """A problem document with this status, that tells nothing of the code behind it."""
    assert answer.status == status, answer.body
    assert answer.kind == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.body)
    assert answer.body["status"] == status
    text = json.dumps(answer.body)
    assert not any(word in text for word in ("Traceback", "pydantic", "botocore", "workloads", "NewTicket"))
    body: Mapping[str, Any] = answer.body
    return body


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        pytest.param("", 400, id="empty"),
        pytest.param("{", 400, id="half an object"),
        pytest.param("hello", 400, id="no JSON"),
        pytest.param("null", 400, id="null"),
        pytest.param("[]", 400, id="a list"),
        pytest.param('"text"', 400, id="a text"),
        pytest.param('{"description": NaN}', 400, id="NaN"),
        pytest.param('{"description": ' + "9" * 5000 + "}", 400, id="a number of 5,000 digits"),
        pytest.param("[" * 60_000, 400, id="60,000 brackets"),
        pytest.param('{"a":' * 10_000 + "1" + "}" * 10_000, 400, id="10,000 objects in each other"),
        pytest.param('{"description": "' + "x" * 1_000_000 + '"}', 413, id="1 MB"),
        pytest.param('{"description": "\\ud800"}', 422, id="half a character"),
        pytest.param('{"description": "nul \\u0000"}', 422, id="a control character"),
        pytest.param('{"description": "\\u202egnirts"}', 422, id="text turned around"),
    ],
)
def test_a_body_that_is_no_ticket(service: Service, raw: str, status: int) -> None:
    refused(service.ask("POST", "/ticket", raw=raw, person=ADA), status)
    assert service.stored() == []


def test_no_body_at_all(service: Service) -> None:
    refused(service.ask("POST", "/ticket", person=ADA), 400)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": 7}, "description"),
        ({"description": None}, "description"),
        ({"description": ["text"]}, "description"),
        ({"description": ""}, "description"),
        ({"description": "x" * 4001}, "description"),
        ({"description": "<script>alert(1)</script>"}, "description"),
        ({"description": "<img src=x onerror=alert(1)>"}, "description"),
        ({"description": "</p>"}, "description"),
        ({"description": "<<!--"}, "description"),
        ({"assigned": "<b>me</b>"}, "assigned"),
        ({"assigned": "two\nlines"}, "assigned"),
        ({"assigned": "x" * 101}, "assigned"),
        ({"priority": "urgent"}, "priority"),
        ({"priority": 1}, "priority"),
        ({"status": "OPEN"}, "status"),
        ({"clientToken": "short"}, "clientToken"),
        ({"clientToken": "with space in it"}, "clientToken"),
        ({"id": False}, "id"),
        ({"id": 1}, "id"),
        ({"unknown": "field"}, "unknown"),
        ({"owner": "Facebook_1"}, "owner"),
        ({"createdBy": "x" * 201}, "createdBy"),
    ],
)
def test_a_field_that_does_not_fit_is_named(service: Service, change: dict[str, Any], field: str) -> None:
    body = refused(service.post(ADA, **{**GOOD, **change}), 422)
    assert [error["field"] for error in body["errors"]] == [field]
    assert service.stored() == []


@pytest.mark.parametrize(
    "text", ["a < b", "1<2", "I <3 it", "x <", "line\nline\ttab", "naïve 漢字 🦄", "&lt;script&gt;"]
)
def test_plain_text_is_taken_as_it_is(service: Service, text: str) -> None:
    assert service.post(ADA, description=text).body["description"] == text


@pytest.mark.parametrize("change", [{}, {"version": "1"}, {"version": 0}, {"version": 1.5}, {"version": True}])
def test_an_update_needs_the_version_it_has_read(service: Service, change: dict[str, Any]) -> None:
    made = service.post(ADA, **GOOD).body
    body = refused(service.post(ADA, id=made["id"], status="closed", **change), 422)
    assert [error["field"] for error in body["errors"]] == ["version"]
    assert service.ask("GET", f"/ticket/{made['id']}", person=ADA).body["status"] == "open"


@pytest.mark.parametrize("key", ["#region#eu-west-1", "%23region%23eu-west-1", "a b", "x" * 65, "<script>"])
def test_no_key_leads_to_what_is_no_ticket(service: Service, key: str) -> None:
    service.put({"id": "#region#eu-west-1", "writes": "open"})
    assert service.ask("GET", f"/ticket/{key}", person=ADA).status in (404, 422)
    assert service.post(ADA, id=key, version=1, status="closed").status == 422
    assert len(service.stored()) == 1


def test_another_users_ticket_is_not_there(service: Service) -> None:
    made = service.post(ADA, **GOOD).body
    nothing = refused(service.ask("GET", "/ticket/no-such-ticket", person=BEN), 404)
    assert refused(service.ask("GET", f"/ticket/{made['id']}", person=BEN), 404) == nothing
    refused(service.post(BEN, id=made["id"], version=1, status="closed"), 404)
    assert service.stored()[0]["status"] == {"S": "open"}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "text/json"])
def test_only_json_is_taken(service: Service, kind: str) -> None:
    answer = service.ask("POST", "/ticket", body=GOOD, person=ADA, headers={"Content-Type": kind})
    refused(answer, 415)
    assert service.stored() == []


def test_what_api_gateway_encodes_is_decoded(service: Service) -> None:
    coded = base64.b64encode(json.dumps(GOOD).encode()).decode()
    assert _posted(service, coded).status == 200
    refused(_posted(service, "not base64!"), 400)
    refused(_posted(service, base64.b64encode(b"\xff\xfe").decode()), 400)


def _posted(service: Service, coded: str) -> Answer:
    from tests.ticketing.service import POOLS

    token = POOLS["eu-west-1"].issue_tokens(ADA)["id_token"]
    event = {
        "path": "/ticket",
        "httpMethod": "POST",
        "headers": {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        "requestContext": {"requestId": f"encoded-{len(coded)}"},
        "body": coded,
        "isBase64Encoded": True,
    }
    with in_region("eu-west-1"):
        return read_answer(handler(event, None))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/tickets", 404),
        ("GET", "/ticket/a/b", 404),
        ("GET", "/../etc/passwd", 404),
        ("DELETE", "/ticket", 405),
        ("PUT", "/ticket/a", 405),
        ("POST", "/health", 405),
        ("GET", "/health/deep", 404),
    ],
)
def test_paths_and_methods_that_are_not_there(service: Service, method: str, path: str, status: int) -> None:
    answer = service.ask(method, path, person=ADA)
    refused(answer, status)
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"next": "x"}, {"next": "e30="}])
def test_a_page_that_cannot_be(service: Service, query: dict[str, str]) -> None:
    refused(service.ask("GET", "/ticket", person=ADA, query=query), 422)


def test_a_page_of_another_origin_may_not_read(service: Service) -> None:
    theirs = service.ask("GET", "/health", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in theirs.headers
    ours = service.ask("GET", "/health", headers={"Origin": "https://tickets.example.com"})
    assert ours.headers["Access-Control-Allow-Origin"] == "https://tickets.example.com"
    asked = service.ask("OPTIONS", "/ticket", headers={"Origin": "https://tickets.example.com"})
    assert asked.status == 204
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]


def test_a_refusal_can_be_read_by_the_page_too(service: Service) -> None:
    answer = service.ask("GET", "/ticket", headers={"Origin": "https://tickets.example.com"})
    assert answer.status == 401
    assert answer.headers["Access-Control-Allow-Origin"] == "https://tickets.example.com"
