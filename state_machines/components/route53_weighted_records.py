"""`route53.weighted_records`: one DNS name with a weighted record per Region."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leeward.state_machines.component_kinds.component_model import ComponentModel
from leeward.state_machines.fields.field_types import Duration, HostedZone, HostName, Slug, TextPerRegion


class WeightedRecordsComponent(ComponentModel):
    """Two records of one name, whose weights divide users between the Regions."""

    kind: Literal["route53.weighted_records"]
    hosted_zone: HostedZone = Field(description="The hosted zone's id, Z...")
    record: HostName = Field(description="The records' DNS name")
    type: Literal["A", "CNAME"] = Field(description="The records' type")
    ttl: Duration = Field(description="The records' time to live")
    values: TextPerRegion = Field(description="The value of each Region's record: an address (A) or a name (CNAME)")
    set_identifiers: TextPerRegion = Field(description="The set identifier of each Region's record")
    health: Slug | None = Field(None, description="The apigateway.rest_api whose health checks the records follow")
