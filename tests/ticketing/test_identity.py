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

from tests.ticketing.service import AWAY, HOME, POOLS, Service
from workloads.ticketing.api.contract.settings import InvalidConfiguration
from workloads.ticketing.api.service.authentication import parse_trusted_issuers
from workloads.ticketing.simulated_identity.user_pool import ADA, SimulatedUserPool, build_identity_setting

POOL = POOLS[HOME]
STRANGER = SimulatedUserPool(HOME)  # the same issuer, the same key id, another key


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
    "the other pool's issuer": lambda: POOL.sign(claims(iss=POOLS[AWAY].issuer)),
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
def test_a_token_that_does_not_hold(service: Service, kind: str) -> None:
    token = FORGED[kind]()
    for method in ("GET", "POST"):
        answer = service.ask(
            method, "/ticket", token=token, body={"description": "Hello"} if method == "POST" else None
        )
        assert (answer.status, answer.kind) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert token[:40] not in json.dumps(answer.body) or len(token) < 10
    assert service.stored() == []


def test_who_is_not_signed_in_learns_nothing_of_the_body(service: Service) -> None:
    assert service.ask("POST", "/ticket", raw="{").status == 401


def test_both_uses_of_a_token_are_taken(service: Service) -> None:
    tokens = POOL.issue_tokens(ADA)
    for use in ("id_token", "access_token"):
        assert service.ask("GET", "/ticket", token=tokens[use]).status == 200


@pytest.mark.parametrize("region", [HOME, AWAY])
def test_each_region_takes_the_tokens_of_both_pools_and_knows_the_same_user(service: Service, region: str) -> None:
    here, there = POOLS[region], POOLS[AWAY if region == HOME else HOME]
    made = service.ask(
        "POST", "/ticket", body={"description": "Hi"}, token=there.issue_tokens(ADA)["id_token"], region=region
    )
    assert made.status == 200
    listed = service.ask("GET", "/ticket", token=here.issue_tokens(ADA)["id_token"], region=region)
    assert listed.body["Items"] == [made.body]


def test_a_group_is_only_what_the_token_lists(service: Service) -> None:
    service.ask("POST", "/ticket", body={"description": "Hi"}, person=ADA)
    for groups in ("agents", {"agents": True}, ["not-agents"], None):
        token = POOL.sign(claims(**{"cognito:username": "Facebook_9", "cognito:groups": groups}))
        assert service.ask("GET", "/ticket", token=token).body["Count"] == 0


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"issuers": [{}]}', '{"issuers": [{"issuer": "x", "audience": 1}]}'])
def test_a_malformed_setting_is_named(text: str) -> None:
    with pytest.raises(InvalidConfiguration, match="IDENTITY"):
        parse_trusted_issuers(text)


def test_the_setting_fits_into_a_functions_environment() -> None:
    # Lambda allows 4 KB for all variables together; Cognito publishes two keys for each pool.
    two = build_identity_setting(*POOLS.values())
    assert len(two) < 1_700
