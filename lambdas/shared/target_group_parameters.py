"""The parameters of tasks that change the targets of a load balancer's target group."""

from __future__ import annotations

from pydantic import Field

from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters
from leeward.traffic.routing import target_groups


class TargetGroupParameters(RegionalParameters):
    """The target group, the port, and the servers to register."""

    target_group_arn: str
    port: int = Field(ge=1, le=65535)
    group: ServerGroup

    @property
    def part(self) -> str:
        return target_groups.target_group_name(self.target_group_arn)
