"""The stand-in for Cognito's hosted pages: the code flow with PKCE, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.ticketing.two_region_service import HOME_REGION, OTHER_REGION, POOLS, TicketingService
from workloads.ticketing.simulated_identity.sign_in_pages import SignInPages
from workloads.ticketing.simulated_identity.user_pool import ADA

HERE = "http://127.0.0.1/"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
AUTHORIZE_QUERY = {
    "response_type": "code",
    "client_id": POOLS[HOME_REGION].client_id,
    "redirect_uri": HERE,
    "state": "the-tabs-own",
    "nonce": "once",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class FakeClock:
    now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def sign_in(clock: FakeClock | None = None, region: str = HOME_REGION) -> SignInPages:
    return SignInPages(POOLS[region], [HERE], clock=clock or FakeClock())


def code(sign: SignInPages, **change: str) -> str:
    found = sign.handle_request(
        "GET", "/oauth2/authorize", urlencode({**AUTHORIZE_QUERY, "person": ADA.facebook_id, **change})
    )
    assert found.status == 302
    query = parse_qs(urlsplit(found.headers["Location"]).query)
    assert query["state"] == ["the-tabs-own"]
    return query["code"][0]


def exchange(sign: SignInPages, **change: str) -> tuple[int, dict[str, str]]:
    asked = {
        "grant_type": "authorization_code",
        "client_id": POOLS[HOME_REGION].client_id,
        "redirect_uri": HERE,
        "code_verifier": VERIFIER,
        **change,
    }
    answer = sign.handle_request("POST", "/oauth2/token", body=urlencode(asked))
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize("region", [HOME_REGION, OTHER_REGION])
def test_sign_in_flow_returns_accepted_token(service: TicketingService, region: str) -> None:
    sign = sign_in(region=region)
    page = sign.handle_request("GET", "/oauth2/authorize", urlencode(AUTHORIZE_QUERY))
    assert page.status == 200
    assert "Continue with Facebook (simulated)" in page.body
    status, tokens = exchange(sign, code=code(sign))
    assert status == 200
    assert service.request("GET", "/ticket", token=tokens["id_token"]).status == 200


def test_authorization_code_is_single_use(service: TicketingService) -> None:
    sign = sign_in()
    got = code(sign)
    assert exchange(sign, code=got)[0] == 200
    assert exchange(sign, code=got) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "change", [{"code_verifier": "another" * 8}, {"code_verifier": ""}, {"redirect_uri": "http://evil.example/"}]
)
def test_stolen_authorization_code_is_rejected(change: dict[str, str]) -> None:
    sign = sign_in()
    assert exchange(sign, code=code(sign), **change) == (400, {"error": "invalid_grant"})


def test_authorization_code_expires() -> None:
    clock = FakeClock()
    sign = sign_in(clock)
    got = code(sign)
    clock.now += timedelta(minutes=6)
    assert exchange(sign, code=got)[0] == 400


@pytest.mark.parametrize("change", [{"redirect_uri": "http://evil.example/"}, {"client_id": "another"}])
def test_unknown_redirect_address_is_rejected(change: dict[str, str]) -> None:
    found = sign_in().handle_request(
        "GET", "/oauth2/authorize", urlencode({**AUTHORIZE_QUERY, "person": ADA.facebook_id, **change})
    )
    assert found.status == 400
    assert "Location" not in found.headers


@pytest.mark.parametrize(
    "change", [{"code_challenge_method": "plain"}, {"code_challenge": ""}, {"response_type": "token"}]
)
def test_sign_in_requires_pkce(change: dict[str, str]) -> None:
    found = sign_in().handle_request(
        "GET", "/oauth2/authorize", urlencode({**AUTHORIZE_QUERY, "person": ADA.facebook_id, **change})
    )
    assert "error=invalid_request" in found.headers["Location"]
    assert "code=" not in found.headers["Location"]


def test_sign_in_page_escapes_parameters() -> None:
    page = sign_in().handle_request(
        "GET", "/oauth2/authorize", urlencode({**AUTHORIZE_QUERY, "state": '"><script>alert(1)</script>'})
    )
    assert "<script>" not in page.body
