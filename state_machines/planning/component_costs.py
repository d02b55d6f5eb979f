"""What DRS servers and ARC clusters cost per month, with 2026 list prices of us-east-1 in US dollars."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.state_machines.component_kinds.cost_items import HOURS_PER_MONTH, CostItem, MonthCost
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent

# DRS: per replicating source server and hour. ARC: per cluster and hour.
DRS_SERVER_HOUR_PRICE, ARC_CLUSTER_HOUR_PRICE = 0.028, 2.5


def server_groups(components: Sequence[ServerGroupComponent]) -> MonthCost:
    """Return the cost of replicating the groups' servers."""
    servers = sum(component.expect or 1 for component in components)
    dollars = servers * DRS_SERVER_HOUR_PRICE * HOURS_PER_MONTH
    return MonthCost(
        (CostItem(f"{servers} servers replicated by DRS", dollars),),
        ("DRS staging disks, snapshots, and replication servers: about twice the cost of the disks",),
    )


def routing_controls(components: Sequence[RoutingControlsComponent]) -> MonthCost:
    """Return the cost of the clusters."""
    dollars = len(components) * ARC_CLUSTER_HOUR_PRICE * HOURS_PER_MONTH
    return MonthCost((CostItem("the ARC cluster (one serves many applications)", dollars),))
