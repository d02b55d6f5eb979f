"""The permissions of the task `arc_route`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to set the routing controls in the runbook and to read them."""
    controls = tuple(sorted({*usage.collect_values("turn_on"), *usage.collect_values("turn_off")}))
    overrides = bool(usage.collect_values("safety_rules_to_override"))
    # Safety rules are the last safeguard, so a role may override them only if a runbook says so.
    condition = {} if overrides else {"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "false"}}
    return [
        *grant_journal(usage),
        Permission(("route53-recovery-cluster:GetRoutingControlState",), controls),
        Permission(("route53-recovery-cluster:UpdateRoutingControlStates",), controls, condition),
    ]
