"""Where Leeward's own tasks have their parts."""

from __future__ import annotations

from leeward.kinds.descriptors.step_kind import Task


def leeward_task(name: str, *, probed: bool = False, tolerates_outage: bool = False) -> Task:
    """Return the task `name`: its handler, its permissions, and with `probed`, those that readiness asks IAM about."""
    permissions = f"leeward.infra.permissions.tasks.{name}"
    probes = f"leeward.state_machines.deployment.permission_probes.tasks.{name}:probed_permissions" if probed else None
    return Task(name, f"leeward.lambdas.{name}:handler", f"{permissions}:permissions", probes, tolerates_outage)
