"""The stand-in for Cognito's hosted pages: the code flow with PKCE, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.ticketing.service import AWAY, HOME, POOLS, Service
from workloads.ticketing.simulated_identity.sign_in_pages import SignInPages
from workloads.ticketing.simulated_identity.user_pool import ADA

HERE = "http://127.0.0.1/"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "response_type": "code",
    "client_id": POOLS[HOME].client_id,
    "redirect_uri": HERE,
    "state": "the-tabs-own",
    "nonce": "once",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class Clock:
    now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def sign_in(clock: Clock | None = None, region: str = HOME) -> SignInPages:
    return SignInPages(POOLS[region], [HERE], clock=clock or Clock())


def code(sign: SignInPages, **change: str) -> str:
    found = sign.handle_request("GET", "/oauth2/authorize", urlencode({**ASKED, "person": ADA.facebook_id, **change}))
    assert found.status == 302
    query = parse_qs(urlsplit(found.headers["Location"]).query)
    assert query["state"] == ["the-tabs-own"]
    return query["code"][0]


def exchange(sign: SignInPages, **change: str) -> tuple[int, dict[str, str]]:
    asked = {
        "grant_type": "authorization_code",
        "client_id": POOLS[HOME].client_id,
        "redirect_uri": HERE,
        "code_verifier": VERIFIER,
        **change,
    }
    answer = sign.handle_request("POST", "/oauth2/token", body=urlencode(asked))
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize("region", [HOME, AWAY])
def test_the_whole_way_ends_in_a_token_that_the_api_takes(service: Service, region: str) -> None:
    sign = sign_in(region=region)
    page = sign.handle_request("GET", "/oauth2/authorize", urlencode(ASKED))
    assert page.status == 200
    assert "Continue with Facebook (simulated)" in page.body
    status, tokens = exchange(sign, code=code(sign))
    assert status == 200
    assert service.ask("GET", "/ticket", token=tokens["id_token"]).status == 200


def test_a_code_is_good_once(service: Service) -> None:
    sign = sign_in()
    got = code(sign)
    assert exchange(sign, code=got)[0] == 200
    assert exchange(sign, code=got) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "change", [{"code_verifier": "another" * 8}, {"code_verifier": ""}, {"redirect_uri": "http://evil.example/"}]
)
def test_a_stolen_code_is_good_for_nothing(change: dict[str, str]) -> None:
    sign = sign_in()
    assert exchange(sign, code=code(sign), **change) == (400, {"error": "invalid_grant"})


def test_a_code_grows_old() -> None:
    clock = Clock()
    sign = sign_in(clock)
    got = code(sign)
    clock.now += timedelta(minutes=6)
    assert exchange(sign, code=got)[0] == 400


@pytest.mark.parametrize("change", [{"redirect_uri": "http://evil.example/"}, {"client_id": "another"}])
def test_nobody_is_sent_to_an_unknown_address(change: dict[str, str]) -> None:
    found = sign_in().handle_request(
        "GET", "/oauth2/authorize", urlencode({**ASKED, "person": ADA.facebook_id, **change})
    )
    assert found.status == 400
    assert "Location" not in found.headers


@pytest.mark.parametrize(
    "change", [{"code_challenge_method": "plain"}, {"code_challenge": ""}, {"response_type": "token"}]
)
def test_without_pkce_there_is_no_code(change: dict[str, str]) -> None:
    found = sign_in().handle_request(
        "GET", "/oauth2/authorize", urlencode({**ASKED, "person": ADA.facebook_id, **change})
    )
    assert "error=invalid_request" in found.headers["Location"]
    assert "code=" not in found.headers["Location"]


def test_what_is_asked_is_never_read_as_html() -> None:
    page = sign_in().handle_request(
        "GET", "/oauth2/authorize", urlencode({**ASKED, "state": '"><script>alert(1)</script>'})
    )
    assert "<script>" not in page.body
