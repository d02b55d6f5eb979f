"""The components that route users to a Region, by routing variant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from leeward.state_machines.application.application_document import VariantName
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.route53_records import FailoverRecordsComponent, LatencyRecordsComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent

RoutingComponent: TypeAlias = (
    RoutingControlsComponent | WeightedRecordsComponent | FailoverRecordsComponent | LatencyRecordsComponent
)
COMPONENT_BY_VARIANT: Mapping[VariantName, type[RoutingComponent]] = {
    "failover": FailoverRecordsComponent,
    "latency": LatencyRecordsComponent,
    "weighted": WeightedRecordsComponent,
    "routing-control": RoutingControlsComponent,
}
