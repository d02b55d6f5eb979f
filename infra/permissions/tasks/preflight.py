"""The permissions of the task `preflight`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import DESCRIBE_INSTANCES, DESCRIBE_SERVERS
from leeward.infra.permissions.grants.shared_grants import (
    grant_journal,
    grant_own_resources,
    grant_reads,
    grant_topic_check,
)


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read everything that the run will use."""
    regions = usage.collect_regions()
    permissions = [
        *grant_journal(usage),
        *grant_topic_check(usage),
        *grant_reads(usage, regions, *DESCRIBE_SERVERS, *DESCRIBE_INSTANCES),
        *grant_own_resources(
            usage, "source-server", regions, "drs:DescribeRecoverySnapshots", "drs:GetLaunchConfiguration"
        ),
    ]
    if usage.collect_values("target_groups"):
        permissions += grant_reads(usage, regions, "elasticloadbalancing:DescribeTargetGroups")
    controls = usage.collect_values("controls")
    if controls:
        permissions.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), controls))
    return permissions
