"""`alb.target_group`: the target groups to which each Region's load balancer sends requests for a server group."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from leeward.state_machines.component_kinds.component_model import ComponentModel
from leeward.state_machines.fields.field_types import ArnPerRegion, Slug


class TargetGroupComponent(ComponentModel):
    """A pair of target groups, one per Region, for the servers of one group."""

    kind: Literal["alb.target_group"]
    serves: Slug = Field(description="The drs.servers component whose servers are registered")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(description="The servers' port")
    target_groups: ArnPerRegion = Field(description="The target group's ARN in each Region")
