"""The headers that every answer carries: for pages of other origins, for browsers' safety, and the Region's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from workloads.ticketing.api.problems import CONTENT_TYPE, Problem
from workloads.ticketing.api.settings import Settings

REGION_HEADER = "X-Served-By-Region"
REPLAY_HEADER = "Idempotency-Replayed"
TOKEN_HEADER = "Idempotency-Key"  # noqa: S105 - a header's name
_ALLOWED_HEADERS = f"Authorization,Content-Type,{TOKEN_HEADER}"
_ALLOWED_METHODS = "GET,POST,OPTIONS"
_DAY = "86400"


class ProxyAnswer(TypedDict):
    """What API Gateway's Lambda proxy integration takes."""

    statusCode: int
    multiValueHeaders: dict[str, list[str]]
    body: str
    isBase64Encoded: bool


def of_problem(problem: Problem) -> ProxyAnswer:
    """A problem document."""
    headers = {"Content-Type": CONTENT_TYPE, **problem.headers}
    return _answer(problem.status, headers, problem.document())


def of_preflight() -> ProxyAnswer:
    """The answer to OPTIONS."""
    headers = {
        "Access-Control-Allow-Methods": _ALLOWED_METHODS,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": _DAY,
    }
    return _answer(204, headers, "")


def finished(answer: Mapping[str, Any], settings: Settings, origin: str | None) -> ProxyAnswer:
    """The answer with what every answer carries."""
    headers: dict[str, list[str]] = {**answer.get("multiValueHeaders", {})}
    headers[REGION_HEADER] = [settings.region]
    headers["Cache-Control"] = ["no-store"]
    headers["X-Content-Type-Options"] = ["nosniff"]
    headers["Vary"] = ["Origin"]
    if origin is not None and origin in settings.origins:
        headers["Access-Control-Allow-Origin"] = [origin]
        headers["Access-Control-Expose-Headers"] = [f"{REGION_HEADER},{REPLAY_HEADER},Retry-After"]
    return {
        "statusCode": int(answer["statusCode"]),
        "multiValueHeaders": headers,
        "body": str(answer.get("body") or ""),
        "isBase64Encoded": bool(answer.get("isBase64Encoded", False)),
    }


def _answer(status: int, headers: Mapping[str, str], body: str) -> ProxyAnswer:
    return {
        "statusCode": status,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": body,
        "isBase64Encoded": False,
    }
