"""The API as a WSGI application, as API Gateway would put it before clients."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.ticketing.two_region_service import HOME_REGION, in_region
from workloads.ticketing.api.handler import handler

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class WsgiApplication:
    """One Region's API. `default_token` signs in who brings no token."""

    def __init__(self, region: str = HOME_REGION, *, default_token: str | None = None) -> None:
        self.region = region
        self.default_token = default_token
        self.requests = 0

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        self.requests += 1
        headers = {name[5:].replace("_", "-").title(): text for name, text in environ.items() if name[:5] == "HTTP_"}
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        if self.default_token is not None and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.default_token}"
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        event = {
            "path": unquote(environ["PATH_INFO"].encode("latin-1").decode(errors="replace")),
            "httpMethod": environ["REQUEST_METHOD"],
            "headers": headers,
            "multiValueHeaders": {name: [text] for name, text in headers.items()},
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "requestContext": {"requestId": f"{self.region}-{self.requests}"},
            "body": base64.b64encode(raw).decode() if raw else None,
            "isBase64Encoded": True,
        }
        with in_region(self.region):
            answer = handler(event, None)
        start(
            f"{answer['statusCode']} -",
            [(name, text) for name, texts in answer["multiValueHeaders"].items() for text in texts],
        )
        return [answer["body"].encode()]
