"""The permissions of the task `drs_recover`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import grant_recovery


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to launch servers, to follow the jobs, and to read their logs."""
    return grant_recovery(usage)
