"""Target groups of a load balancer: instances in, until they are healthy; instances out, until they have drained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from leeward.common.answers import Answer, read
from leeward.common.aws import naming_errors
from leeward.common.errors import NotServing
from leeward.common.polling import Look

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_elbv2.type_defs import TargetDescriptionTypeDef


class State(StrEnum):
    """A target's health (botocore's service model `elbv2`)."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNHEALTHY_DRAINING = "unhealthy.draining"
    UNUSED = "unused"
    DRAINING = "draining"
    UNAVAILABLE = "unavailable"


class _Target(Answer):
    id: str = Field(alias="Id")
    port: int | None = Field(default=None, alias="Port")


class _Health(Answer):
    state: State = Field(alias="State")
    reason: str = Field(default="", alias="Reason")
    description: str = Field(default="", alias="Description")


class _Described(Answer):
    target: _Target = Field(alias="Target")
    health: _Health = Field(alias="TargetHealth")


@dataclass(frozen=True, slots=True)
class Target:
    """One registered instance and how it is."""

    id: str
    state: State
    reason: str
    description: str

    @property
    def told(self) -> str:
        """One phrase for people."""
        more = self.description or self.reason
        return f"{self.id} is {self.state.value}" + (f" ({more})" if more else "")


# Reasons with which no target ever becomes healthy (ELB API reference, TargetHealth).
_HOPELESS = frozenset({"Target.NotInUse", "Target.HealthCheckDisabled", "Target.IpUnusable"})


def register(client: ElasticLoadBalancingv2Client, arn: str, instances: Sequence[str], port: int) -> Look:
    """Have the instances registered at `port` and healthy. Raises NotServing where that can never be, NotFound."""
    seen = health(client, arn, port)
    missing = [i for i in instances if i not in seen or seen[i].state in (State.DRAINING, State.UNHEALTHY_DRAINING)]
    if missing:
        with naming_errors("elasticloadbalancing:RegisterTargets"):
            client.register_targets(TargetGroupArn=arn, Targets=_targets(missing, port))
        seen = health(client, arn, port)
    return judge(instances, seen, arn)


def judge(instances: Sequence[str], seen: Mapping[str, Target], arn: str) -> Look:
    """Whether all are healthy. Raises NotServing when one never will be. Not healthy yet is no failure: the step's
    time decides."""
    hopeless = [seen[i] for i in instances if i in seen and seen[i].reason in _HOPELESS]
    if hopeless:
        raise NotServing(f"{name(arn)}: {'; '.join(target.told for target in hopeless)}")
    healthy = [i for i in instances if i in seen and seen[i].state is State.HEALTHY]
    others = [seen[i].told if i in seen else f"{i} is not shown yet" for i in instances if i not in healthy]
    detail = f"{name(arn)}: {len(healthy)} of {len(instances)} healthy" + "".join(f"; {other}" for other in others)
    return Look(not others, detail, {"target_group": arn, "instances": list(instances)})


def deregister(client: ElasticLoadBalancingv2Client, arn: str, instances: Sequence[str], port: int) -> Look:
    """Have the instances out of the group, their connections drained."""
    seen = health(client, arn, port)
    still = [seen[i] for i in instances if i in seen and seen[i].reason != "Target.NotRegistered"]
    serving = [t.id for t in still if t.state not in (State.DRAINING, State.UNHEALTHY_DRAINING)]
    if serving:
        with naming_errors("elasticloadbalancing:DeregisterTargets"):
            client.deregister_targets(TargetGroupArn=arn, Targets=_targets(serving, port))
        seen = health(client, arn, port)
        still = [seen[i] for i in instances if i in seen and seen[i].reason != "Target.NotRegistered"]
    told = "; ".join(target.told for target in still) or f"{len(instances)} out of it"
    return Look(not still, f"{name(arn)}: {told}", {"target_group": arn})


def health(client: ElasticLoadBalancingv2Client, arn: str, port: int) -> dict[str, Target]:
    """The group's targets at `port`, by instance id. Raises NotFound when there is no such group."""
    call = "elasticloadbalancing:DescribeTargetHealth"
    with naming_errors(call):
        answer = client.describe_target_health(TargetGroupArn=arn)
        described = [read(_Described, item, call) for item in answer["TargetHealthDescriptions"]]
    return {
        d.target.id: Target(d.target.id, d.health.state, d.health.reason, d.health.description)
        for d in described
        if d.target.port in (None, port)
    }


def check(client: ElasticLoadBalancingv2Client, arns: Sequence[str]) -> list[str]:
    """For the preflight: what is wrong with the target groups. Raises NotFound when one does not exist."""
    problems = []
    for arn in arns:
        with naming_errors("elasticloadbalancing:DescribeTargetGroups"):
            groups = client.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
        for group in groups:
            if not group.get("LoadBalancerArns"):
                problems.append(f"target group {name(arn)} belongs to no load balancer")
            if group.get("TargetType", "instance") != "instance":
                problems.append(f"target group {name(arn)} takes targets of type {group['TargetType']}, not instances")
    return problems


def name(arn: str) -> str:
    """`.../targetgroup/website-home/0a1b` -> `website-home`."""
    parts = arn.split("/")
    return parts[1] if len(parts) > 1 else arn


def _targets(instances: Sequence[str], port: int) -> list[TargetDescriptionTypeDef]:
    return [{"Id": instance, "Port": port} for instance in instances]
