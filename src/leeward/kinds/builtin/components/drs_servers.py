"""`drs.servers`: a group of source servers that DRS protects."""

from __future__ import annotations

from leeward.kinds.descriptors.component_kind import ComponentKind

KIND = ComponentKind(
    name="drs.servers",
    summary="A group of source servers that DRS protects",
    document="leeward.state_machines.components.drs_servers:ServerGroupComponent",
    checks="leeward.state_machines.validate.applications.components.drs_servers:check",
    month_cost="leeward.state_machines.planning.component_costs:server_groups",
    simulation=("drs",),
)
