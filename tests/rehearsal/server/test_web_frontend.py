"""The page's port: which requests it answers, and where it forwards them."""

from __future__ import annotations

import pytest

from leeward.rehearsal.server.web_frontend import frontend_refusal_reason

HOST = "127.0.0.1:4591"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": HOST},
        {"host": HOST, "sec-fetch-site": "none"},
        {"host": HOST, "origin": f"http://{HOST}", "sec-fetch-site": "same-origin"},
        {"host": "localhost:4591"},
    ],
)
def test_same_origin_and_direct_requests_are_served(headers: dict[str, str]) -> None:
    assert frontend_refusal_reason(headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": HOST, "origin": "http://evil.example"},
        {"host": HOST, "origin": "null"},
        {"host": HOST, "sec-fetch-site": "cross-site"},
        {"host": HOST, "origin": "http://127.0.0.1:9999"},
        {},
    ],
)
def test_cross_origin_requests_are_rejected(headers: dict[str, str]) -> None:
    assert frontend_refusal_reason(headers) is not None
