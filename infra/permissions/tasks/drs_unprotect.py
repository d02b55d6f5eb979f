"""The permissions of the task `drs_unprotect`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import grant_termination_protection
from leeward.infra.permissions.grants.shared_grants import grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to turn off termination protection of what the run itself launched."""
    return [*grant_termination_protection(usage), *grant_reads(usage, usage.collect_regions(), "drs:DescribeJobs")]
