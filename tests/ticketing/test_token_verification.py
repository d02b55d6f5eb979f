"""Tokens that hold, and every kind that does not."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from tests.ticketing.two_region_service import HOME_REGION, OTHER_REGION, POOLS, TicketingService
from workloads.ticketing.api.contract.settings import InvalidConfiguration
from workloads.ticketing.api.service.authentication import parse_trusted_issuers
from workloads.ticketing.simulated_identity.user_pool import ADA, SimulatedUserPool, build_identity_setting

POOL = POOLS[HOME_REGION]
STRANGER = SimulatedUserPool(HOME_REGION)  # the same issuer, the same key id, another key


def claims(**change: Any) -> dict[str, Any]:
    made = {**POOL.build_claims(ADA, "id", datetime.now(UTC)), **change}
    return {name: value for name, value in made.items() if value is not ...}


def unsigned() -> str:
    return jwt.encode(claims(), "", algorithm="none", headers={"kid": POOL.kid})


def signed_with_the_public_key() -> str:
    """The old confusion: an HMAC whose secret is the public key."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    signed = f"{part({'alg': 'HS256', 'kid': POOL.kid})}.{part(claims())}"
    mac = hmac.new(json.dumps(POOL.jwks()["keys"][0]).encode(), signed.encode(), "sha256").digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def with_another_payload() -> str:
    head, _, signature = POOL.sign(claims()).split(".")
    forged = base64.urlsafe_b64encode(json.dumps(claims(email="eve@example.com")).encode()).decode().rstrip("=")
    return f"{head}.{forged}.{signature}"


HOUR_AGO = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
FORGED: dict[str, Callable[[], str]] = {
    "no token": lambda: "",
    "no token at all": lambda: "x",
    "three dots": lambda: "...",
    "long": lambda: "x" * 100_000,
    "expired": lambda: POOL.sign(claims(exp=HOUR_AGO)),
    "never expires": lambda: POOL.sign(claims(exp=...)),
    "signed by a stranger": lambda: STRANGER.sign(claims()),
    "unsigned": unsigned,
    "signed with the public key": signed_with_the_public_key,
    "another payload": with_another_payload,
    "another issuer": lambda: POOL.sign(claims(iss="https://evil.example")),
    "no issuer": lambda: POOL.sign(claims(iss=...)),
    "the other pool's issuer": lambda: POOL.sign(claims(iss=POOLS[OTHER_REGION].issuer)),
    "for another application": lambda: POOL.sign(claims(aud="another")),
    "for nobody": lambda: POOL.sign(claims(aud=...)),
    "for several": lambda: POOL.sign(claims(aud=[POOL.client_id])),
    "a refresh token": lambda: POOL.sign(claims(token_use="refresh")),
    "an id token said to be an access token": lambda: POOL.sign(claims(token_use="access")),
    "without use": lambda: POOL.sign(claims(token_use=...)),
    "without subject": lambda: POOL.sign(claims(sub=...)),
    "without user": lambda: POOL.sign(claims(**{"cognito:username": ...})),
    "a user named like the table's own keys": lambda: POOL.sign(claims(**{"cognito:username": "#lost#1"})),
    "a user that is no text": lambda: POOL.sign(claims(**{"cognito:username": ["Facebook_1"]})),
    "issued in the future": lambda: POOL.sign(claims(iat=int(datetime.now(UTC).timestamp()) + 3600)),
}


@pytest.mark.parametrize("kind", FORGED)
def test_invalid_token_is_rejected(service: TicketingService, kind: str) -> None:
    token = FORGED[kind]()
    for method in ("GET", "POST"):
        answer = service.request(
            method, "/ticket", token=token, body={"description": "Hello"} if method == "POST" else None
        )
        assert (answer.status, answer.kind) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert token[:40] not in json.dumps(answer.body) or len(token) < 10
    assert service.items() == []


def test_unauthenticated_request_gets_no_body_errors(service: TicketingService) -> None:
    assert service.request("POST", "/ticket", raw="{").status == 401


def test_id_and_access_tokens_are_accepted(service: TicketingService) -> None:
    tokens = POOL.issue_tokens(ADA)
    for use in ("id_token", "access_token"):
        assert service.request("GET", "/ticket", token=tokens[use]).status == 200


@pytest.mark.parametrize("region", [HOME_REGION, OTHER_REGION])
def test_tokens_of_both_pools_identify_same_user(service: TicketingService, region: str) -> None:
    here, there = POOLS[region], POOLS[OTHER_REGION if region == HOME_REGION else HOME_REGION]
    made = service.request(
        "POST", "/ticket", body={"description": "Hi"}, token=there.issue_tokens(ADA)["id_token"], region=region
    )
    assert made.status == 200
    listed = service.request("GET", "/ticket", token=here.issue_tokens(ADA)["id_token"], region=region)
    assert listed.body["Items"] == [made.body]


def test_groups_come_only_from_token(service: TicketingService) -> None:
    service.request("POST", "/ticket", body={"description": "Hi"}, person=ADA)
    for groups in ("agents", {"agents": True}, ["not-agents"], None):
        token = POOL.sign(claims(**{"cognito:username": "Facebook_9", "cognito:groups": groups}))
        assert service.request("GET", "/ticket", token=token).body["Count"] == 0


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"issuers": [{}]}', '{"issuers": [{"issuer": "x", "audience": 1}]}'])
def test_malformed_identity_setting_is_named(text: str) -> None:
    with pytest.raises(InvalidConfiguration, match="IDENTITY"):
        parse_trusted_issuers(text)


def test_identity_setting_fits_lambda_environment() -> None:
    # Lambda allows 4 KB for all variables together; Cognito publishes two keys for each pool.
    two = build_identity_setting(*POOLS.values())
    assert len(two) < 1_700
