"""The permissions of the task `drs_discard`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import TEARDOWN
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_own_resources, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to delete the copies that a drill's reversal created."""
    regions, other_regions = usage.collect_regions("region"), usage.collect_regions("other_region")
    all_regions = sorted({*regions, *other_regions})
    return [
        *grant_journal(usage),
        *grant_reads(usage, all_regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *grant_reads(usage, other_regions, "drs:DescribeJobs"),
        *grant_own_resources(usage, "source-server", regions, *TEARDOWN),
    ]
