"""`arc.routing_controls`: a routing control per Region, and the cluster endpoints that set them.

The document contains the endpoints and ARNs, because a lookup during a failover would call ARC's control plane.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from leeward.state_machines.component_kinds.component_model import ComponentModel
from leeward.state_machines.fields.field_types import (
    ArnPerRegion,
    Duration,
    HostedZone,
    HostName,
    RegionName,
    Slug,
    Url,
)

# A cluster has five endpoints, one per Region, and tolerates the loss of two. A single endpoint has no redundancy.
MIN_ENDPOINTS, MAX_ENDPOINTS = 2, 5


class RoutingControlsComponent(ComponentModel):
    """Two routing controls. The one that is on determines the Region that users reach."""

    kind: Literal["arc.routing_controls"]
    endpoints: Annotated[Mapping[RegionName, Url], Field(min_length=MIN_ENDPOINTS, max_length=MAX_ENDPOINTS)] = Field(
        description="The cluster's endpoints, 2 to 5, by Region"
    )
    controls: ArnPerRegion = Field(description="The routing control's ARN for each Region")
    record: HostName | None = Field(None, description="The DNS name whose records follow the controls")
    ttl: Duration | None = Field(None, description="The DNS record's time to live")
    hosted_zone: HostedZone | None = Field(None, description="The hosted zone of the record, Z...")
    health: Slug | None = Field(
        None,
        description="The apigateway.rest_api whose health checks the records also follow. A record is returned while"
        " its control is on and its endpoint is healthy",
    )
    normally: Literal["one", "both"] = Field(
        "one", description="The controls that are on in normal operation: that of the active Region, or both"
    )
