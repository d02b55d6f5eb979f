"""The rounds of page checks and transactions: how many are made in a poll, and what is expected of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from leeward.common.claims.types.traffic_claims import PagesServed, TransactionServed
from leeward.common.errors import InvalidInput
from leeward.common.polling import PollResult
from leeward.common.web_requests import NoAnswer, WebAnswer
from leeward.traffic.checks import http_checks, synthetic_transactions
from leeward.traffic.checks.http_checks import PageCheck, PageCheckSettings, judge_response, run_check, run_checks
from leeward.traffic.checks.synthetic_transactions import SyntheticTransaction, run_transaction
from tests.traffic.stub_time import StubTime, StubWeb

URL = "https://www.example.com/page"


def page(status: int = 200, body: bytes = b"Home") -> WebAnswer:
    return WebAnswer(status, body)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> StubWeb:
    clock = StubTime()
    made = StubWeb(clock, lambda _method, _address: page())
    for module in (http_checks, synthetic_transactions):
        monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(module, "send_request", made)
    return made


def check_pages(consecutive: int = 1, pages: int = 1, timeout: float = 5) -> PollResult:
    checks = tuple(PageCheck(url=f"{URL}{n}") for n in range(pages))
    return run_checks(PageCheckSettings(checks=checks, consecutive=consecutive, request_timeout_seconds=timeout))


# -- pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [100, 199, 200, 201, 204, 302, 404, 503])
def test_status_must_be_the_expected_one(status: int) -> None:
    result = judge_response(PageCheck(url=URL, status=200), status, b"")
    assert result.passed is (status == 200)
    assert result.description == (f"status {status}" if status == 200 else f"status {status}, expected 200")
    assert judge_response(PageCheck(url=URL, status=status), status, b"").passed


@pytest.mark.parametrize(
    ("contains", "body", "passed"),
    [
        (None, b"", True),
        ("", b"", True),
        ("Home", b"At Home", True),
        ("Home", b"At home", False),
        ("Home", b"\xff Home", True),
    ],
)
def test_page_must_contain_the_expected_text(contains: str | None, body: bytes, passed: bool) -> None:
    result = judge_response(PageCheck(url=URL, contains=contains), 200, body)
    assert result.passed is passed
    assert passed or result.description == "status 200, but the page does not contain 'Home'"


def test_rounds_are_a_second_apart(web: StubWeb) -> None:
    assert check_pages(3, pages=2).claims == (PagesServed(urls=(f"{URL}0", f"{URL}1"), times=3),)
    assert web.clock.pauses == [1.0, 1.0]
    assert [address[-1] for _, address, _ in web.asked] == ["0", "1"] * 3


@pytest.mark.parametrize(("seconds", "rounds"), [(4.74, 5), (4.76, 4), (23.5, 1)])
def test_no_page_is_requested_that_could_end_after_28_seconds(web: StubWeb, seconds: float, rounds: int) -> None:
    """With a timeout of 5 s, a request begins within 23 s."""
    web.seconds = seconds
    result = check_pages(20)
    assert (result.done, result.detail) == (False, f"answers too slowly: {rounds} of 20 rounds in one poll")
    assert len(web.asked) == rounds


def test_request_that_ends_after_28_seconds_exactly_is_made(web: StubWeb) -> None:
    web.seconds = 22
    assert check_pages(2).done
    assert check_pages(timeout=20).done
    web.clock.now = web.seconds = 9
    assert not check_pages(2, timeout=19).done


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_first_failure_ends_the_poll(web: StubWeb, fails_at: int) -> None:
    web.answer = lambda _method, _address: page(503) if len(web.asked) == fails_at else page()
    result = check_pages(3)
    assert result.detail == f"{URL}0: status 503, expected 200 (round {fails_at} of 3)"
    assert len(web.asked) == fails_at


@pytest.mark.parametrize(
    ("check", "address", "host", "verified"),
    [
        (PageCheck(url=URL), URL, "www.example.com", None),
        (PageCheck(url=URL, connect_to="lb:8080"), "https://lb:8080/page", "www.example.com", "www.example.com"),
        (PageCheck(url="http://a.example:81/x", connect_to="lb"), "http://lb/x", "a.example:81", "a.example"),
    ],
)
def test_page_is_requested_with_the_host_of_its_url(
    web: StubWeb, check: PageCheck, address: str, host: str, verified: str | None
) -> None:
    assert run_check(check, 7).passed
    ((method, asked, more),) = web.asked
    assert (method, asked, more["timeout_seconds"], more["verify_host"]) == ("GET", address, 7, verified)
    assert more["headers"] == {"Host": host, "User-Agent": "leeward-check", "Cache-Control": "no-cache"}


def test_page_without_answer_fails_the_check(web: StubWeb) -> None:
    web.answer = lambda _method, _address: NoAnswer("no answer (refused)")
    assert check_pages().detail == f"{URL}0: no answer (refused) (round 1 of 1)"


@pytest.mark.parametrize(
    "url", ["ftp://www.example.com", "www.example.com", "http:///page", "file:///etc", "gopher://x"]
)
def test_other_urls_are_rejected(url: str) -> None:
    with pytest.raises(InvalidInput, match="is not an http or https URL"):
        run_check(PageCheck(url=url), 1)


PAGE: dict[str, Any] = {"url": URL}
SETTINGS: dict[str, Any] = {"checks": [PAGE]}
TRANSACTION: dict[str, Any] = {
    "url": "https://api.example.com",
    "write_path": "/ticket",
    "write_body": {"token": "{token}"},
    "read_path": "/ticket/{id}",
}


@pytest.mark.parametrize(
    ("model", "given", "member", "lowest", "highest"),
    [
        (PageCheck, PAGE, "status", 100, 599),
        (PageCheckSettings, SETTINGS, "consecutive", 1, 20),
        (PageCheckSettings, SETTINGS, "request_timeout_seconds", 1, 20),
        (SyntheticTransaction, TRANSACTION, "consecutive", 1, 20),
        (SyntheticTransaction, TRANSACTION, "request_timeout_seconds", 1, 14),
    ],
)
def test_settings_have_limits(model: Any, given: dict[str, Any], member: str, lowest: int, highest: int) -> None:
    for value in (lowest, highest):
        assert getattr(model(**given | {member: value}), member) == value
    for value in (lowest - 1, highest + 1):
        with pytest.raises(ValidationError):
            model(**given | {member: value})


def test_settings_have_defaults() -> None:
    settings = PageCheckSettings(**SETTINGS)
    assert (settings.consecutive, settings.request_timeout_seconds, settings.checks[0].status) == (1, 5, 200)
    transaction = SyntheticTransaction(**TRANSACTION)
    assert (transaction.consecutive, transaction.request_timeout_seconds) == (1, 5)
    with pytest.raises(ValidationError):
        PageCheckSettings(checks=())


# -- transactions -----------------------------------------------------------------------------------


def transact(web: StubWeb, *, item: Any = None, token: str | None = None, **more: Any) -> PollResult:
    shown = {"id": "t-1", "region": "a"} if item is None else item
    if not web.asked:
        web.answer = lambda _method, _address: page(200, json.dumps(shown).encode())
    return run_transaction(SyntheticTransaction(**TRANSACTION | more), token, "key")


def test_transaction_is_repeated_with_new_keys(web: StubWeb) -> None:
    result = transact(web, consecutive=3, served_by="a")
    url = "https://api.example.com/ticket"
    assert result.claims == (TransactionServed(url=url, region="a", times=3),)
    assert web.clock.pauses == [1.0, 1.0]
    assert [(method, address) for method, address, _ in web.asked] == [("POST", url), ("GET", f"{url}/t-1")] * 3
    keys = {json.loads(more["body"])["token"] for method, _, more in web.asked if method == "POST"}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert [more["body"] for method, _, more in web.asked if method == "GET"] == [None] * 3


@pytest.mark.parametrize(("seconds", "rounds"), [(4.0, 3), (4.01, 2), (8.5, 2), (8.51, 1)])
def test_no_transaction_begins_that_could_end_after_28_seconds(web: StubWeb, seconds: float, rounds: int) -> None:
    """With a timeout of 5 s, a round of two requests begins within 18 s."""
    web.seconds = seconds
    result = transact(web, consecutive=20)
    assert (result.done, result.detail) == (False, f"answers too slowly: {rounds} of 20 rounds in one poll")
    assert len(web.asked) == 2 * rounds


@pytest.mark.parametrize("status", [199, 200, 299, 300, 301, 404, 500])
def test_status_from_300_on_fails_the_transaction(web: StubWeb, status: int) -> None:
    web.asked.append(("", "", {}))
    web.answer = lambda _method, _address: page(status, b'{"id": "t-1"}')
    result = transact(web)
    assert result.done is (status < 300)
    assert result.done or result.detail == (f"https://api.example.com: POST /ticket answered {status} (round 1 of 1)")


@pytest.mark.parametrize(
    ("region", "served_by", "problem"),
    [
        ("a", None, None),
        ("b", "b", None),
        ("a", "b", "written in a, expected b"),
        ("c", "b", "written in c, expected b"),
        ("", "b", "written in an unnamed Region, expected b"),
    ],
)
def test_item_must_be_written_by_the_expected_region(
    web: StubWeb, region: str, served_by: str | None, problem: str | None
) -> None:
    result = transact(web, item={"id": "t-1", "region": region}, served_by=served_by)
    assert result.done is (problem is None)
    assert problem is None or problem in result.detail


@pytest.mark.parametrize("read", ["t-0", "t-2", None])
def test_other_item_than_the_written_one_is_reported(web: StubWeb, read: str | None) -> None:
    web.asked.append(("", "", {}))
    web.answer = lambda method, _address: page(200, json.dumps({"id": "t-1" if method == "POST" else read}).encode())
    assert "t-1 was written, and something else was read back" in transact(web).detail


@pytest.mark.parametrize(
    ("connect_to", "token", "address", "verified"),
    [
        (None, None, "https://api.example.com/ticket", None),
        ("lb:8443", "secret", "https://lb:8443/ticket", "api.example.com"),
    ],
)
def test_requests_carry_host_and_token(
    web: StubWeb, connect_to: str | None, token: str | None, address: str, verified: str | None
) -> None:
    transact(web, connect_to=connect_to, token=token, request_timeout_seconds=3)
    _, asked, more = web.asked[0]
    assert (asked, more["verify_host"], more["timeout_seconds"]) == (address, verified, 3)
    authorization = {"Authorization": "Bearer secret"} if token else {}
    host = {"Host": "api.example.com", "User-Agent": "leeward-check", "Content-Type": "application/json"}
    assert more["headers"] == host | authorization


def test_request_without_answer_is_reported(web: StubWeb) -> None:
    web.asked.append(("", "", {}))
    web.answer = lambda _method, _address: NoAnswer("no answer (refused)")
    assert transact(web).detail == "https://api.example.com: POST /ticket: no answer (refused) (round 1 of 1)"
