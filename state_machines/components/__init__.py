"""One module per kind of component: its pydantic model, and the rules that need the whole application.

A new kind is a module in this package and a line in `Component`. May import fields. The packages steps, load, validate,
and compile may import it.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.state_machines.components.route53_records import FailoverRecordsComponent, LatencyRecordsComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent

Component: TypeAlias = Annotated[
    ServerGroupComponent
    | TargetGroupComponent
    | RoutingControlsComponent
    | WeightedRecordsComponent
    | FailoverRecordsComponent
    | LatencyRecordsComponent
    | GlobalTableComponent
    | RestApiComponent,
    Field(discriminator="kind"),
]
# Components that route users to a Region.
TrafficComponent: TypeAlias = (
    RoutingControlsComponent | WeightedRecordsComponent | FailoverRecordsComponent | LatencyRecordsComponent
)
TRAFFIC_COMPONENTS: tuple[type[TrafficComponent], ...] = (
    RoutingControlsComponent,
    WeightedRecordsComponent,
    FailoverRecordsComponent,
    LatencyRecordsComponent,
)

__all__ = [
    "TRAFFIC_COMPONENTS", "Component", "FailoverRecordsComponent", "GlobalTableComponent", "LatencyRecordsComponent",
    "RestApiComponent", "RoutingControlsComponent", "ServerGroupComponent",
    "TargetGroupComponent", "TrafficComponent", "WeightedRecordsComponent",
]  # fmt: skip
