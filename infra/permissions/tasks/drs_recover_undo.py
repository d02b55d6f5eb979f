"""The permissions of the task `drs_recover_undo`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import DESCRIBE_SERVERS
from leeward.infra.permissions.grants.services.drs_launch_grants import grant_termination
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_own_resources, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to terminate what the run's own jobs launched."""
    regions = usage.collect_regions()
    return [
        *grant_journal(usage),
        *grant_reads(usage, regions, *DESCRIBE_SERVERS),
        *grant_own_resources(usage, "recovery-instance", regions, "drs:TerminateRecoveryInstances"),
        *grant_termination(usage, regions),
    ]
