"""The parameters and the memo of tasks that change the targets of a load balancer's target groups."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from leeward.common.task_calls.memo import Memo
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters
from leeward.traffic.routing import target_groups


class TargetGroupServers(BaseModel):
    """A target group, the port, and the servers to register or deregister."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target_group_arn: str
    port: int = Field(ge=1, le=65535)
    group: ServerGroup

    @property
    def name(self) -> str:
        """Return the name of the target group."""
        return target_groups.target_group_name(self.target_group_arn)


class TargetGroupParameters(RegionalParameters):
    """The target groups to change."""

    targets: list[TargetGroupServers] = Field(min_length=1)


class ChosenTargets(BaseModel):
    """The instances that the first call chose for a target group, so that later calls only look at their health.

    `ids` are registered, or deregistered by a task that only does that. `stale` are deregistered. `missing` is text
    that names the servers without an instance.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: list[str]
    stale: list[str] = Field(default_factory=list)
    missing: str = ""


class _TargetsMemo(Memo):
    by_target_group: dict[str, ChosenTargets]


def parse_memo(text: str | None, parameters: TargetGroupParameters) -> Mapping[str, ChosenTargets] | None:
    """Return the chosen targets of every target group, by ARN. None without a memo, or for another version's."""
    memo = _TargetsMemo.parse(text)
    arns = {target.target_group_arn for target in parameters.targets}
    return memo.by_target_group if memo is not None and arns == memo.by_target_group.keys() else None


def format_memo(chosen: Mapping[str, ChosenTargets]) -> str:
    """Return the memo for the next call."""
    return _TargetsMemo(by_target_group=dict(chosen)).model_dump_json(exclude_defaults=True)
