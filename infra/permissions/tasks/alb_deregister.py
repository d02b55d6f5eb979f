"""The permissions of the task `alb_deregister`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to deregister instances.

    The target Region's source servers also show which instances serve.
    """
    regions = usage.collect_regions()
    servers = sorted({*regions, usage.region_resources.region})
    return [
        *grant_journal(usage),
        *grant_reads(usage, servers, "drs:DescribeSourceServers"),
        *grant_reads(usage, regions, "drs:DescribeRecoveryInstances", "elasticloadbalancing:DescribeTargetHealth"),
        Permission(("elasticloadbalancing:DeregisterTargets",), usage.collect_values("target_group_arn")),
    ]
