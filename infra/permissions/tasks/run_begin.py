"""The permissions of the task `run_begin`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to write the run's first journal entry."""
    return grant_journal(usage)
