"""`alb.target_group`: the target groups of a server group, one per Region."""

from __future__ import annotations

from leeward.kinds.descriptors.component_kind import ComponentKind

KIND = ComponentKind(
    name="alb.target_group",
    summary="The target groups of a server group, one per Region",
    document="leeward.state_machines.components.alb_target_group:TargetGroupComponent",
    checks="leeward.state_machines.validate.applications.components.alb_target_group:check",
)
