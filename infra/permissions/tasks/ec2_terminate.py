"""The permissions of the task `ec2_terminate`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import DESCRIBE_INSTANCES, TERMINATION_PROTECTION
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_own_resources, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to terminate the instances that a failback has replaced."""
    regions, other_regions = usage.collect_regions("region"), usage.collect_regions("other_region")
    return [
        *grant_journal(usage),
        *grant_reads(usage, regions, "drs:DescribeRecoveryInstances", *DESCRIBE_INSTANCES),
        *grant_reads(usage, other_regions, "drs:DescribeSourceServers"),
        *grant_own_resources(
            usage, "instance", regions, *TERMINATION_PROTECTION, "ec2:TerminateInstances", service="ec2"
        ),
    ]
