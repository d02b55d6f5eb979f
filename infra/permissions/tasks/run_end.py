"""The permissions of the task `run_end`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_table_in_region, grant_topic


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read the journal, record the end, release the lock, and notify operators."""
    lock_region = usage.region_resources.application.regions.standby
    return [
        *grant_journal(usage, "DeleteItem"),
        *grant_table_in_region(usage, lock_region, "DeleteItem"),
        *grant_topic(usage),
    ]
