"""The keys of both pools, fetched once and given to both Regions."""

from __future__ import annotations

import json

import pytest

from tests.ticketing.two_region_service import HOME_REGION, OTHER_REGION, POOLS, TicketingService
from workloads.ticketing.simulated_identity.user_pool import ADA
from workloads.ticketing.trusted_issuers import InvalidUserPool, build_identity_setting

PUBLISHED = {f"{pool.issuer}/.well-known/jwks.json": json.dumps(pool.jwks()).encode() for pool in POOLS.values()}


def test_fetched_pool_keys_are_trusted_by_api(service: TicketingService) -> None:
    output = build_identity_setting(
        [f"{POOLS[r].issuer}={POOLS[r].client_id},canary" for r in (HOME_REGION, OTHER_REGION)], PUBLISHED.__getitem__
    )
    service.environment["IDENTITY"] = output
    for region in (HOME_REGION, OTHER_REGION):
        token = POOLS[region].issue_tokens(ADA)["id_token"]
        assert service.request("GET", "/ticket", token=token, region=HOME_REGION).status == 200


@pytest.mark.parametrize("pool", ["", "https://example.com/pool", "http://example.com/pool=1", "file:///etc/passwd=1"])
def test_invalid_pool_is_rejected_without_fetch(pool: str) -> None:
    with pytest.raises(InvalidUserPool):
        build_identity_setting([pool], lambda url: pytest.fail(f"fetched {url}"))
