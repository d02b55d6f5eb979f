"""The permissions of the task `run_watch`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_metrics, grant_table


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to list running executions and to read when each last wrote to its journal."""
    return [
        *grant_table(usage, "Query"),
        *grant_metrics(usage, [usage.region_resources.region]),
        Permission(("states:ListExecutions",), usage.collect_values("machines")),
    ]
