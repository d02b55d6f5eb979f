"""What is refused before a route sees it: a body that is too large or no JSON, and a token that does not hold."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workloads.ticketing.api.problems import NotJson, NotJsonType, TooLarge

# The largest ticket is 4,000 characters, each at most 12 bytes when escaped as two surrogates; the rest is small.
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a proxy event that are used, whatever of it is missing."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    id: str

    @property
    def for_signed_in(self) -> bool:
        """Whether it needs a user. Health is open: Route 53 signs nothing."""
        return self.path == "/ticket" or self.path.startswith("/ticket/")

    @property
    def origin(self) -> str | None:
        """The page's origin."""
        return self.headers.get("origin")


def request_of(event: Mapping[str, Any]) -> Request:
    """Read a REST proxy event."""
    given = {str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()}
    several = {str(k).lower(): str(v[0]) for k, v in (event.get("multiValueHeaders") or {}).items() if v}
    context = event.get("requestContext") or {}
    return Request(
        method=str(event.get("httpMethod", "GET")).upper(),
        path=str(event.get("path", "/")),
        headers={**several, **given},
        id=str(context.get("requestId") or context.get("extendedRequestId") or ""),
    )


def json_body(event: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """The body: a JSON object of a sane size. Raises TooLarge, NotJsonType and NotJson."""
    body = event.get("body")
    if not isinstance(body, str) or not body:
        raise NotJson("there is no body")
    # Before it is decoded: base64 is never shorter than what it says.
    if len(body) > 2 * MOST_BYTES:
        raise TooLarge(f"a ticket is at most {MOST_BYTES} bytes")
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise NotJson("the body is not text") from None
    if len(body.encode(errors="surrogatepass")) > MOST_BYTES:
        raise TooLarge(f"a ticket is at most {MOST_BYTES} bytes")
    kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if kind != "application/json":
        raise NotJsonType(f"not {kind[:100]!r}")
    try:
        parsed = json.loads(body, parse_constant=_refuse)
    # RecursionError: ten thousand brackets are short. ValueError: also a number of ten thousand digits.
    except (ValueError, RecursionError):
        raise NotJson("the body is not JSON") from None
    if not isinstance(parsed, dict):
        raise NotJson("the body is JSON, but not an object")
    return parsed


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
