"""The keys of both pools, fetched once and given to both Regions."""

from __future__ import annotations

import json

import pytest

from tests.ticketing.service import AWAY, HOME, POOLS, Service
from workloads.ticketing.simulated_identity.user_pool import ADA
from workloads.ticketing.trusted_issuers import InvalidUserPool, build_identity_setting

PUBLISHED = {f"{pool.issuer}/.well-known/jwks.json": json.dumps(pool.jwks()).encode() for pool in POOLS.values()}


def test_what_is_fetched_is_what_the_api_trusts(service: Service) -> None:
    told = build_identity_setting(
        [f"{POOLS[r].issuer}={POOLS[r].client_id},canary" for r in (HOME, AWAY)], PUBLISHED.__getitem__
    )
    service.environment["IDENTITY"] = told
    for region in (HOME, AWAY):
        token = POOLS[region].issue_tokens(ADA)["id_token"]
        assert service.ask("GET", "/ticket", token=token, region=HOME).status == 200


@pytest.mark.parametrize("pool", ["", "https://example.com/pool", "http://example.com/pool=1", "file:///etc/passwd=1"])
def test_what_is_no_pool_is_refused_and_not_fetched(pool: str) -> None:
    with pytest.raises(InvalidUserPool):
        build_identity_setting([pool], lambda url: pytest.fail(f"fetched {url}"))
