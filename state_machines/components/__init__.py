"""One module per kind of component: its model, and the rules that need the whole application.

A new kind is a module here and a line in `REGISTRY` and `Component`. May import documents.fields and problems;
steps, load, validate and compile may import it.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from state_machines.components.alb_target_group import TargetGroup
from state_machines.components.arc_routing_controls import RoutingControls
from state_machines.components.drs_servers import Servers
from state_machines.components.route53_weighted_records import WeightedRecords

Component: TypeAlias = Annotated[
    Servers | TargetGroup | RoutingControls | WeightedRecords,
    Field(discriminator="kind"),
]
TRAFFIC: tuple[type[RoutingControls] | type[WeightedRecords], ...] = (RoutingControls, WeightedRecords)

__all__ = ["TRAFFIC", "Component", "RoutingControls", "Servers", "TargetGroup", "WeightedRecords"]
