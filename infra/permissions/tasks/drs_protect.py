"""The permissions of the task `drs_protect`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import grant_termination_protection


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to set termination protection and to read it."""
    return grant_termination_protection(usage)
