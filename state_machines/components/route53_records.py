"""`route53.failover_records` and `route53.latency_records`: one DNS name with a record per Region, selected by health.

Both follow health checks without a run: Route 53's data plane stops returning the record of an unhealthy Region.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leeward.state_machines.component_kinds.component_model import ComponentModel
from leeward.state_machines.fields.field_types import Duration, HostedZone, HostName, Slug, TextPerRegion


class _HealthCheckedRecords(ComponentModel):
    hosted_zone: HostedZone = Field(description="The hosted zone's id, Z...")
    record: HostName = Field(description="The records' DNS name")
    type: Literal["A", "CNAME"] = Field(description="The records' type")
    ttl: Duration = Field(description="The records' time to live")
    values: TextPerRegion = Field(description="The value of each Region's record: an address (A) or a name (CNAME)")
    set_identifiers: TextPerRegion = Field(description="The set identifier of each Region's record")
    health: Slug = Field(description="The apigateway.rest_api whose health checks the records follow")


class FailoverRecordsComponent(_HealthCheckedRecords):
    """Failover records: the primary Region's record while it is healthy, otherwise the standby Region's."""

    kind: Literal["route53.failover_records"]


class LatencyRecordsComponent(_HealthCheckedRecords):
    """Latency records: each user gets the healthy Region with the lowest latency."""

    kind: Literal["route53.latency_records"]
