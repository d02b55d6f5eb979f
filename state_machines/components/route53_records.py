"""`route53.failover_records` and `route53.latency_records`: one DNS name, a record per Region, chosen by health.

Both follow health checks by themselves: Route 53's data plane answers, and no run is needed to leave a dead Region.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leeward.state_machines.components.component_model import ComponentModel
from leeward.state_machines.fields.field_types import Duration, HostedZone, HostName, Slug, TextPerRegion


class _HealthCheckedRecords(ComponentModel):
    hosted_zone: HostedZone = Field(description="The hosted zone's id, Z...")
    record: HostName = Field(description="The records' DNS name")
    type: Literal["A", "CNAME"] = Field(description="The records' type")
    ttl: Duration = Field(description="The records' time to live")
    values: TextPerRegion = Field(description="What each Region's record answers: an address (A) or a name (CNAME)")
    set_identifiers: TextPerRegion = Field(description="Each Region's record's set identifier")
    health: Slug = Field(description="The apigateway.rest_api whose health checks the records follow")


class FailoverRecordsComponent(_HealthCheckedRecords):
    """The primary Region's record answers while it is healthy, then the standby's."""

    kind: Literal["route53.failover_records"]


class LatencyRecordsComponent(_HealthCheckedRecords):
    """Every healthy Region answers the users that are nearest to it."""

    kind: Literal["route53.latency_records"]
