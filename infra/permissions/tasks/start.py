"""The permissions of the task `start`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.run_grants import grant_undelivered_queue
from leeward.infra.permissions.grants.shared_grants import grant_table, grant_topic


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to keep the trigger ledger, to read routing controls, to start alarms' state machines, and to
    notify operators.
    """
    permissions = [
        *grant_table(usage, "GetItem", "PutItem"),
        *grant_topic(usage),
        grant_undelivered_queue(usage),
        Permission(("states:StartExecution",), usage.collect_values("machine")),
    ]
    controls = usage.collect_values("controls")
    if controls:
        permissions.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), controls))
    return permissions
