"""Reads the current tags of a resource of the simulated account."""

from __future__ import annotations

from collections.abc import Mapping

from moto.ec2.models import ec2_backends

from leeward.twin.aws.drs.drs_backend import DRS


def find_tags(account: str, arn: str) -> Mapping[str, str] | None:
    """Return the tags of the resource with this ARN, or None if it has no tags on the twin or does not exist."""
    parts = arn.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - an ARN
        return None
    service, region, resource = parts[2], parts[3], parts[5]
    if service == "drs":
        backend = DRS.region(account, region)
        return next((dict(tagged.tags) for tagged in backend.tagged_records() if tagged.arn == arn), None)
    if service == "ec2" and resource.startswith("instance/"):
        tags = ec2_backends[account][region].describe_tags(
            filters={"resource-id": [resource.removeprefix("instance/")]}
        )
        return {tag["key"]: tag["value"] for tag in tags}
    return None
