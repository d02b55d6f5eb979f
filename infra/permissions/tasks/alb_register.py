"""The permissions of the task `alb_register`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to register the recovered instances and to deregister those that they replace."""
    regions = usage.collect_regions()
    return [
        *grant_journal(usage),
        *grant_reads(
            usage, regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers", "ec2:DescribeInstances"
        ),
        *grant_reads(usage, regions, "elasticloadbalancing:DescribeTargetHealth"),
        Permission(
            ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"),
            usage.collect_values("target_group_arn"),
        ),
    ]
