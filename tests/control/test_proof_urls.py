"""Which URLs are proofs of identity, one deviation at a time, and who is the same person."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from leeward.common.errors import AccessDenied, AnswerLost, InvalidInput, SurprisingAnswer
from leeward.common.web_requests import NoAnswer, WebAnswer
from leeward.control.approvals import caller_identity
from leeward.control.approvals.caller_identity import (
    CallerIdentity,
    SignedStatement,
    is_same_person,
    sts_endpoint,
    verify_proof,
)

STATEMENT = SignedStatement("r", "approve", "why", "q")
PARAMETERS = {
    "Action": "GetCallerIdentity",
    "Version": "2011-06-15",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIA/x",
    "X-Amz-Date": "20260301T090000Z",
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host;x-leeward-statement",
    "X-Amz-Signature": "abc",
}
IDENTITY = {"Arn": "arn:aws:iam::1:user/ada", "Account": "1", "UserId": "AIDA"}


def url(base: str = "https://sts.b.amazonaws.com/", **more: str | None) -> str:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return f"{base}?{urlencode({k: v for k, v in (PARAMETERS | named).items() if v is not None})}"


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The answer of STS, and what it was asked."""
    shown: dict[str, Any] = {
        "answer": WebAnswer(
            200, json.dumps({"GetCallerIdentityResponse": {"GetCallerIdentityResult": IDENTITY}}).encode()
        )
    }

    def send(method: str, asked: str, **more: Any) -> WebAnswer:
        shown.update(method=method, url=asked, **more)
        if isinstance(shown["answer"], Exception):
            raise shown["answer"]
        answer: WebAnswer = shown["answer"]
        return answer

    monkeypatch.setattr(caller_identity, "send_request", send)
    return shown


def verify(given: str, account: str = "1") -> CallerIdentity:
    return verify_proof(given, STATEMENT, region="b", account=account)


@pytest.mark.parametrize(
    "given",
    [
        url(),
        url("https://sts.b.amazonaws.com"),
        url(X_Amz_Expires="1"),
        url(X_Amz_Security_Token="token"),
    ],
)
def test_signed_request_for_the_statement_is_a_proof(sts: dict[str, Any], given: str) -> None:
    assert verify(given).arn == IDENTITY["Arn"]
    assert sts["url"] == f"https://sts.b.amazonaws.com/?{given.partition('?')[2]}"
    assert (sts["method"], sts["timeout_seconds"]) == ("GET", 8.0)
    assert sts["headers"] == {"x-leeward-statement": STATEMENT.hex_digest, "Accept": "application/json"}


@pytest.mark.parametrize(
    "given",
    [
        url("http://sts.b.amazonaws.com/"),
        url("ssh://sts.b.amazonaws.com/"),
        url("https://sts.a.amazonaws.com/"),
        url("https://sts.c.amazonaws.com/"),
        url("https://sts.b.amazonaws.com:444/"),
        url("https://sts.b.amazonaws.com/path"),
        url() + "&X-Amz-Expires=60",
        url() + "&Extra=1",
        url(X_Amz_Date=None),
        url(Action="AssumeRole"),
        url(Action="ZZZ"),
        url(Version="2010-01-01"),
        url(Version="2020-01-01"),
        url(X_Amz_SignedHeaders="host"),
        url(X_Amz_SignedHeaders="x-leeward-statement"),
        url(X_Amz_Expires="0"),
        url(X_Amz_Expires="61"),
        url(X_Amz_Expires="-1"),
        url(X_Amz_Expires="1.5"),
        url(X_Amz_Expires="\N{SUPERSCRIPT TWO}"),
        url(X_Amz_Expires="\N{ARABIC-INDIC DIGIT TWO}"),
        url(X_Amz_Expires=""),
    ],
)
def test_any_other_url_is_rejected(sts: dict[str, Any], given: str) -> None:
    with pytest.raises(InvalidInput, match=r"GetCallerIdentity request to sts\.b\.amazonaws\.com .* at most 60 s"):
        verify(given)
    assert "url" not in sts


@pytest.mark.parametrize("status", [199, 201, 204, 302, 400, 403, 500])
def test_other_status_denies_access(sts: dict[str, Any], status: int) -> None:
    sts["answer"] = WebAnswer(status, sts["answer"].body)
    with pytest.raises(AccessDenied, match=rf"rejected the proof of identity \(status {status}\)"):
        verify(url())


@pytest.mark.parametrize("account", ["0", "2"])
def test_signer_of_another_account_is_denied(sts: dict[str, Any], account: str) -> None:
    del sts
    with pytest.raises(AccessDenied, match=rf"ada belongs to account 1, but the run belongs to {account}$"):
        verify(url(), account)


def test_missing_answer_and_missing_identity_are_reported(sts: dict[str, Any]) -> None:
    for body in (b"", b"[]", b"{}", b'{"GetCallerIdentityResponse": {"GetCallerIdentityResult": {"Arn": 1}}}'):
        sts["answer"] = WebAnswer(200, body)
        with pytest.raises(SurprisingAnswer, match="contains no identity"):
            verify(url())
    sts["answer"] = NoAnswer("refused")
    with pytest.raises(AnswerLost, match=r"^STS in b did not confirm the identity: refused$"):
        verify(url())


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "sts.us-east-1.amazonaws.com"),
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        ("ca-west-1", "sts.ca-west-1.amazonaws.com"),
    ],
)
def test_endpoint_of_china_has_another_domain(region: str, host: str) -> None:
    assert sts_endpoint(region) == host


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("AIDA", "AIDA", True),
        ("AIDA", "AIDB", False),
        ("AIDB", "AIDA", False),
        ("AROA:ada", "AROB:ada", True),
        ("AROA:ada", "AROA:bob", False),
        ("AROB:bob", "AROA:ada", False),
        ("AROA:", "AROB:", False),
        ("AIDA", "AROA:ada", False),
    ],
)
def test_person_is_recognized_by_user_or_session(first: str, second: str, same: bool) -> None:
    a, b = (CallerIdentity.model_validate(IDENTITY | {"UserId": user}) for user in (first, second))
    assert is_same_person(a, b) is same
