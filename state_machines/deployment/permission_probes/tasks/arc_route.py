"""What readiness asks IAM about for the task `arc_route`."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.deployment.permission_probes.probed_call import ProbedCall


def probed_permissions(call: ProbedCall) -> Iterator[JsonObject]:
    """Yield the permission to set the routing controls."""
    controls = sorted({*call.parameters.get("turn_on", ()), *call.parameters.get("turn_off", ())})
    overrides = bool(call.parameters.get("safety_rules_to_override"))
    context: JsonObject = {"route53-recovery-cluster:AllowSafetyRulesOverrides": str(overrides).lower()}
    yield call.grant("route53-recovery-cluster:UpdateRoutingControlStates", list(controls), context)
