"""The permissions of the task `drs_retire`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import (
    DESCRIBE_INSTANCES,
    DESCRIBE_SERVERS,
    TEARDOWN,
    TERMINATION_PROTECTION,
    grant_job_logs,
)
from leeward.infra.permissions.grants.services.drs_launch_grants import grant_termination
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_own_resources, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to remove what ran in the Region that was left, once the other Region is protected."""
    regions, other_regions = usage.collect_regions("region"), usage.collect_regions("other_region")
    all_regions = sorted({*regions, *other_regions})
    return [
        *grant_journal(usage),
        *grant_reads(usage, all_regions, *DESCRIBE_SERVERS, *DESCRIBE_INSTANCES),
        *grant_own_resources(usage, "instance", regions, *TERMINATION_PROTECTION, service="ec2"),
        *grant_own_resources(usage, "recovery-instance", regions, "drs:TerminateRecoveryInstances"),
        *grant_termination(usage, regions),
        *grant_own_resources(usage, "recovery-instance", other_regions, "drs:DeleteRecoveryInstance"),
        *grant_own_resources(usage, "source-server", other_regions, *TEARDOWN),
        grant_job_logs(usage, regions),
    ]
