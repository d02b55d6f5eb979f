"""The Regions of AWS, and the Region whose API a global service uses, from botocore's endpoint data."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from botocore.loaders import Loader


class UnknownRegion(ValueError):
    """AWS has no Region with this name."""


def check_region_name(region: str) -> str:
    """Return `region`. Raises UnknownRegion, which suggests the nearest name."""
    known = sorted({name for partition in _load_partitions() for name in partition["regions"]})
    if region in known:
        return region
    near = get_close_matches(region, known, n=1)
    meant = f"is {near[0]} meant?" if near else "use a Region such as us-west-2"
    raise UnknownRegion(f"{region!r} is not an AWS Region; {meant}")


def find_global_region(service: str) -> str | None:
    """Return the Region in which a global service has its only API, or None for a regional service.

    `service` is boto3's name. `route53` and `iam` have their API in us-east-1, and ARC's control plane in us-west-2.
    """
    described = _load_partitions()[0]["services"].get(service, {})
    if described.get("isRegionalized", True):
        return None
    endpoint = described["endpoints"].get(described.get("partitionEndpoint", ""), {})
    region = endpoint.get("credentialScope", {}).get("region")
    return None if region is None else str(region)


@lru_cache(maxsize=1)
def _load_partitions() -> list[dict[str, Any]]:
    partitions: list[dict[str, Any]] = Loader().load_data("endpoints")["partitions"]
    return partitions
