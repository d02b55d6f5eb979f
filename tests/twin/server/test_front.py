"""The page's port: whom it answers, and what it leads to."""

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
def test_the_page_itself_and_a_person_are_answered(headers: dict[str, str]) -> None:
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
def test_another_page_is_not(headers: dict[str, str]) -> None:
    assert frontend_refusal_reason(headers) is not None
