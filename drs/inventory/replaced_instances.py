"""The machines that a group's recovered ones have replaced: the same tags, older data."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.drs.inventory.server_groups import ServerGroup

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


def find_replaced_instances(client: EC2Client, group: ServerGroup, recovered: Collection[str]) -> set[str]:
    """The instances that carry all of the group's tags and are none of `recovered`.

    When a Region returns, the machines that served there before the failover run again, still behind their load
    balancer, with the data of that day: users must not meet them. None are found for a group that is chosen by ids.
    """
    if not group.tags:
        return set()
    found: set[str] = set()
    with translate_errors("ec2:DescribeInstances"):
        pages = client.get_paginator("describe_instances").paginate(
            Filters=[{"Name": f"tag:{key}", "Values": [value]} for key, value in group.tags.items()]
        )
        for page in pages:
            for reservation in page["Reservations"]:
                # EC2's filters take * and ? for wildcards, so that the tags are compared here again.
                found |= {
                    instance["InstanceId"]
                    for instance in reservation["Instances"]
                    if group.tags.items() <= {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}.items()
                }
    return found - set(recovered)
