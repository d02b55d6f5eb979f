"""The permissions of the task `run_watch`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_metrics, grant_table, grant_topic


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read running executions, to read and write their journals, and to notify operators."""
    machines = usage.collect_values("machines")
    return [
        *grant_table(usage, "PutItem", "Query"),
        *grant_topic(usage),
        *grant_metrics(usage, [usage.region_resources.region]),
        Permission(("states:ListExecutions",), machines),
        Permission(
            ("states:GetExecutionHistory",),
            tuple(f"{machine.replace(':stateMachine:', ':execution:')}:*" for machine in machines),
            reason="an execution's ARN contains the name that it was started with",
        ),
    ]
