"""Whatever is sent: a 4xx with a problem document, and nothing stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.ticketing.two_region_service import ApiResponse, TicketingService, in_region, read_answer
from workloads.ticketing.api.handler import handler
from workloads.ticketing.simulated_identity.user_pool import ADA, BEN

GOOD = {"description": "My unicorn is late"}


def assert_problem(answer: ApiResponse, status: int) -> Mapping[str, Any]:
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
def test_invalid_ticket_body_is_rejected(service: TicketingService, raw: str, status: int) -> None:
    assert_problem(service.request("POST", "/ticket", raw=raw, person=ADA), status)
    assert service.items() == []


def test_missing_body_is_rejected(service: TicketingService) -> None:
    assert_problem(service.request("POST", "/ticket", person=ADA), 400)


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
def test_invalid_field_is_named(service: TicketingService, change: dict[str, Any], field: str) -> None:
    body = assert_problem(service.post(ADA, **{**GOOD, **change}), 422)
    assert [error["field"] for error in body["errors"]] == [field]
    assert service.items() == []


@pytest.mark.parametrize(
    "text", ["a < b", "1<2", "I <3 it", "x <", "line\nline\ttab", "naïve 漢字 🦄", "&lt;script&gt;"]
)
def test_text_is_stored_unchanged(service: TicketingService, text: str) -> None:
    assert service.post(ADA, description=text).body["description"] == text


@pytest.mark.parametrize("change", [{}, {"version": "1"}, {"version": 0}, {"version": 1.5}, {"version": True}])
def test_update_requires_read_version(service: TicketingService, change: dict[str, Any]) -> None:
    made = service.post(ADA, **GOOD).body
    body = assert_problem(service.post(ADA, id=made["id"], status="closed", **change), 422)
    assert [error["field"] for error in body["errors"]] == ["version"]
    assert service.request("GET", f"/ticket/{made['id']}", person=ADA).body["status"] == "open"


@pytest.mark.parametrize("key", ["#region#eu-west-1", "%23region%23eu-west-1", "a b", "x" * 65, "<script>"])
def test_reserved_keys_are_not_readable(service: TicketingService, key: str) -> None:
    service.put_item({"id": "#region#eu-west-1", "writes": "open"})
    assert service.request("GET", f"/ticket/{key}", person=ADA).status in (404, 422)
    assert service.post(ADA, id=key, version=1, status="closed").status == 422
    assert len(service.items()) == 1


def test_ticket_of_another_user_is_not_found(service: TicketingService) -> None:
    made = service.post(ADA, **GOOD).body
    nothing = assert_problem(service.request("GET", "/ticket/no-such-ticket", person=BEN), 404)
    assert assert_problem(service.request("GET", f"/ticket/{made['id']}", person=BEN), 404) == nothing
    assert_problem(service.post(BEN, id=made["id"], version=1, status="closed"), 404)
    assert service.items()[0]["status"] == {"S": "open"}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "text/json"])
def test_other_content_types_are_rejected(service: TicketingService, kind: str) -> None:
    answer = service.request("POST", "/ticket", body=GOOD, person=ADA, headers={"Content-Type": kind})
    assert_problem(answer, 415)
    assert service.items() == []


def test_base64_body_is_decoded(service: TicketingService) -> None:
    coded = base64.b64encode(json.dumps(GOOD).encode()).decode()
    assert _posted(service, coded).status == 200
    assert_problem(_posted(service, "not base64!"), 400)
    assert_problem(_posted(service, base64.b64encode(b"\xff\xfe").decode()), 400)


def _posted(service: TicketingService, coded: str) -> ApiResponse:
    from tests.ticketing.two_region_service import POOLS

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
def test_unknown_path_or_method_is_rejected(service: TicketingService, method: str, path: str, status: int) -> None:
    answer = service.request(method, path, person=ADA)
    assert_problem(answer, status)
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"next": "x"}, {"next": "e30="}])
def test_invalid_page_query_is_rejected(service: TicketingService, query: dict[str, str]) -> None:
    assert_problem(service.request("GET", "/ticket", person=ADA, query=query), 422)


def test_cross_origin_page_gets_no_cors_header(service: TicketingService) -> None:
    theirs = service.request("GET", "/health", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in theirs.headers
    ours = service.request("GET", "/health", headers={"Origin": "https://tickets.example.com"})
    assert ours.headers["Access-Control-Allow-Origin"] == "https://tickets.example.com"
    asked = service.request("OPTIONS", "/ticket", headers={"Origin": "https://tickets.example.com"})
    assert asked.status == 204
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]


def test_error_responses_have_cors_headers(service: TicketingService) -> None:
    answer = service.request("GET", "/ticket", headers={"Origin": "https://tickets.example.com"})
    assert answer.status == 401
    assert answer.headers["Access-Control-Allow-Origin"] == "https://tickets.example.com"
