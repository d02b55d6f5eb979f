"""The permissions of the task `probe`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_metrics, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read replication lag and to publish metrics in the alarm's Region. Requesting pages needs
    none.
    """
    permissions = grant_metrics(usage, usage.collect_values("metrics_region"))
    if any(signal["kind"] == "replication" for call in usage.calls for signal in call["signals"]):
        permissions += grant_reads(usage, [usage.region_resources.region], "drs:DescribeSourceServers")
    return permissions
