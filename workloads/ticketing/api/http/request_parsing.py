"""Parses proxy events and bodies. Rejects a body that is too large or not JSON before a route sees it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workloads.ticketing.api.contract.problems import BodyNotJson, BodyTooLarge, UnsupportedContentType

# The largest ticket has 4,000 characters, each at most 12 bytes when escaped as two surrogates. The rest is small.
MAX_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """The parts of a proxy event that the API uses, any of which may be missing in the event."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    id: str

    @property
    def needs_user(self) -> bool:
        """Return whether the request needs a user. Health needs none, because Route 53 doesn't sign requests."""
        return self.path == "/ticket" or self.path.startswith("/ticket/")

    @property
    def origin(self) -> str | None:
        """Return the origin of the page that sent the request."""
        return self.headers.get("origin")


def parse_request(event: Mapping[str, Any]) -> ApiRequest:
    """Parse a REST proxy event."""
    headers = {str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()}
    multi_value_headers = {str(k).lower(): str(v[0]) for k, v in (event.get("multiValueHeaders") or {}).items() if v}
    context = event.get("requestContext") or {}
    return ApiRequest(
        method=str(event.get("httpMethod", "GET")).upper(),
        path=str(event.get("path", "/")),
        headers={**multi_value_headers, **headers},
        id=str(context.get("requestId") or context.get("extendedRequestId") or ""),
    )


def parse_json_body(event: Mapping[str, Any], request: ApiRequest) -> dict[str, Any]:
    """Return the body, a JSON object of limited size. Raises BodyTooLarge, UnsupportedContentType, and BodyNotJson."""
    body = event.get("body")
    if not isinstance(body, str) or not body:
        raise BodyNotJson("there is no body")
    # Check before decoding, because base64 is never shorter than the decoded text.
    if len(body) > 2 * MAX_BODY_BYTES:
        raise BodyTooLarge(f"a ticket is at most {MAX_BODY_BYTES} bytes")
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise BodyNotJson("the body is not text") from None
    if len(body.encode(errors="surrogatepass")) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"a ticket is at most {MAX_BODY_BYTES} bytes")
    kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedContentType(f"the content type is {kind[:100]!r}")
    try:
        parsed = json.loads(body, parse_constant=_refuse_constant)
    # RecursionError: ten thousand nested brackets fit in a body. ValueError: also for a number with ten thousand
    # digits.
    except (ValueError, RecursionError):
        raise BodyNotJson("the body is not JSON") from None
    if not isinstance(parsed, dict):
        raise BodyNotJson("the body is JSON, but not an object")
    return parsed


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
