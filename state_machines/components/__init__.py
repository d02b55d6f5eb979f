"""One module per kind of component: its model, and the rules that need the whole application.

A new kind is a module here and a line in `Component`. May import documents.fields and problems; steps, load, validate
and compile may import it.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from leeward.state_machines.components.alb_target_group import TargetGroup
from leeward.state_machines.components.apigateway_rest_api import RestApi
from leeward.state_machines.components.arc_routing_controls import RoutingControls
from leeward.state_machines.components.drs_servers import Servers
from leeward.state_machines.components.dynamodb_global_table import GlobalTable
from leeward.state_machines.components.route53_records import FailoverRecords, LatencyRecords
from leeward.state_machines.components.route53_weighted_records import WeightedRecords

Component: TypeAlias = Annotated[
    Servers
    | TargetGroup
    | RoutingControls
    | WeightedRecords
    | FailoverRecords
    | LatencyRecords
    | GlobalTable
    | RestApi,
    Field(discriminator="kind"),
]
# What leads the users to a Region.
Traffic: TypeAlias = RoutingControls | WeightedRecords | FailoverRecords | LatencyRecords
TRAFFIC: tuple[type[Traffic], ...] = (RoutingControls, WeightedRecords, FailoverRecords, LatencyRecords)

__all__ = [
    "TRAFFIC", "Component", "FailoverRecords", "GlobalTable", "LatencyRecords", "RestApi", "RoutingControls", "Servers",
    "TargetGroup", "Traffic", "WeightedRecords",
]  # fmt: skip
