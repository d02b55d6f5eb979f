"""Find the EC2 instances that a group's recovered instances have replaced."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.drs.inventory.server_groups import ServerGroup

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


def find_replaced_instances(client: EC2Client, group: ServerGroup, recovered: Collection[str]) -> set[str]:
    """Return the instances that have all of the group's tags, except those in `recovered`.

    After a Region outage, the instances that served before the failover run again behind their load balancer. They hold
    outdated data, so users must not reach them. Returns an empty set for a group that is selected by IDs.
    """
    if not group.tags:
        return set()
    instance_ids: set[str] = set()
    with translate_errors("ec2:DescribeInstances"):
        pages = client.get_paginator("describe_instances").paginate(
            Filters=[{"Name": f"tag:{key}", "Values": [value]} for key, value in group.tags.items()]
        )
        for page in pages:
            for reservation in page["Reservations"]:
                # EC2 filters treat * and ? as wildcards, so compare the tags again.
                instance_ids |= {
                    instance["InstanceId"]
                    for instance in reservation["Instances"]
                    if group.tags.items() <= {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}.items()
                }
    return instance_ids - set(recovered)
