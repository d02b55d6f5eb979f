"""The permissions of the task `drs_launch_into`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import grant_recovery
from leeward.infra.permissions.grants.shared_grants import grant_own_resources


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to recover servers, and to set existing instances in the servers' launch settings."""
    return [
        *grant_recovery(usage),
        *grant_own_resources(usage, "source-server", usage.collect_regions(), "drs:UpdateLaunchConfiguration"),
    ]
