"""Reads the current tags of a resource of the simulated account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

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
    if service == "ec2":
        tags = ec2_backends[account][region].describe_tags(filters={"resource-id": [resource.rpartition("/")[2]]})
        return {tag["key"]: tag["value"] for tag in tags}
    if service == "elasticloadbalancing":
        found: Mapping[str, str] = elbv2_backends[account][region].tagging_service.get_tag_dict_for_resource(arn)
        return found
    if service == "dynamodb":
        table: Any = dynamodb_backends[account][region].tables.get(resource.split("/")[1])
        return None if table is None else {tag["Key"]: tag["Value"] for tag in table.tags}
    return None
