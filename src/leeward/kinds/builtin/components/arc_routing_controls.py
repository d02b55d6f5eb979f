"""`arc.routing_controls`: a routing control per Region, and the cluster endpoints that set them."""

from __future__ import annotations

from leeward.kinds.descriptors.component_kind import ComponentKind

KIND = ComponentKind(
    name="arc.routing_controls",
    summary="A routing control per Region, and the cluster endpoints that set them",
    document="leeward.state_machines.components.arc_routing_controls:RoutingControlsComponent",
    checks="leeward.state_machines.validate.applications.components.arc_routing_controls:check",
    routes_users=True,
    month_cost="leeward.state_machines.planning.component_costs:routing_controls",
    simulation=("route53-recovery-cluster",),
)
