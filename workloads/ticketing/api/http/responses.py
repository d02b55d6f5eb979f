"""Builds responses with the headers that all have: CORS, browser security, and the Region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from workloads.ticketing.api.contract.problems import CONTENT_TYPE, ApiProblem
from workloads.ticketing.api.contract.settings import Settings

REGION_HEADER = "X-Served-By-Region"
REPLAY_HEADER = "Idempotency-Replayed"
IDEMPOTENCY_HEADER = "Idempotency-Key"
_ALLOWED_HEADERS = f"Authorization,Content-Type,{IDEMPOTENCY_HEADER}"
_ALLOWED_METHODS = "GET,POST,OPTIONS"
_ONE_DAY_SECONDS = "86400"


class ProxyResponse(TypedDict):
    """A response for API Gateway's Lambda proxy integration."""

    statusCode: int
    multiValueHeaders: dict[str, list[str]]
    body: str
    isBase64Encoded: bool


def build_problem_response(problem: ApiProblem) -> ProxyResponse:
    """Return a problem document as a response."""
    headers = {"Content-Type": CONTENT_TYPE, **problem.headers}
    return _build_response(problem.status, headers, problem.to_json())


def build_preflight_response() -> ProxyResponse:
    """Return the response to OPTIONS."""
    headers = {
        "Access-Control-Allow-Methods": _ALLOWED_METHODS,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": _ONE_DAY_SECONDS,
    }
    return _build_response(204, headers, "")


def add_common_headers(response: Mapping[str, Any], settings: Settings, origin: str | None) -> ProxyResponse:
    """Return the response with the headers that all responses have."""
    headers: dict[str, list[str]] = {**response.get("multiValueHeaders", {})}
    headers[REGION_HEADER] = [settings.region]
    headers["Cache-Control"] = ["no-store"]
    headers["X-Content-Type-Options"] = ["nosniff"]
    headers["Vary"] = ["Origin"]
    if origin is not None and origin in settings.origins:
        headers["Access-Control-Allow-Origin"] = [origin]
        headers["Access-Control-Expose-Headers"] = [f"{REGION_HEADER},{REPLAY_HEADER},Retry-After"]
    return {
        "statusCode": int(response["statusCode"]),
        "multiValueHeaders": headers,
        "body": str(response.get("body") or ""),
        "isBase64Encoded": bool(response.get("isBase64Encoded", False)),
    }


def _build_response(status: int, headers: Mapping[str, str], body: str) -> ProxyResponse:
    return {
        "statusCode": status,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": body,
        "isBase64Encoded": False,
    }
