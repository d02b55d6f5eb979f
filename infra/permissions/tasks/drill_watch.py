"""The permissions of the task `drill_watch`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_metrics


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to find when a drill last succeeded."""
    return [
        *grant_metrics(usage, [usage.region_resources.region]),
        Permission(("states:ListExecutions",), usage.collect_values("machine")),
    ]
