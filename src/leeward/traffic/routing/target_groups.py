"""Register instances with load balancer target groups until they are healthy, and deregister them until they drain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response
from leeward.common.claims.types.traffic_claims import Deregistered, Registered
from leeward.common.errors import NotServing
from leeward.common.polling import PollResult

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_elbv2.type_defs import TargetDescriptionTypeDef


class TargetState(StrEnum):
    """A target's health (botocore's service model `elbv2`)."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNHEALTHY_DRAINING = "unhealthy.draining"
    UNUSED = "unused"
    DRAINING = "draining"
    UNAVAILABLE = "unavailable"


class _TargetDescription(AwsResponse):
    id: str = Field(alias="Id")
    port: int | None = Field(default=None, alias="Port")


class _TargetHealth(AwsResponse):
    state: TargetState = Field(alias="State")
    reason: str = Field(default="", alias="Reason")
    description: str = Field(default="", alias="Description")


class _TargetHealthDescription(AwsResponse):
    target: _TargetDescription = Field(alias="Target")
    health: _TargetHealth = Field(alias="TargetHealth")


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """A registered instance and its health."""

    id: str
    state: TargetState
    reason: str
    description: str

    @property
    def summary(self) -> str:
        """The status as text for operators."""
        reason = self.description or self.reason
        return f"{self.id} is {self.state.value}" + (f" ({reason})" if reason else "")


# With these reasons, a target never becomes healthy (ELB API reference, TargetHealth).
_PERMANENT_REASONS = frozenset({"Target.NotInUse", "Target.HealthCheckDisabled", "Target.IpUnusable"})


def register_targets(
    client: ElasticLoadBalancingv2Client,
    arn: str,
    instances: Sequence[str],
    port: int,
    targets: Mapping[str, TargetStatus],
) -> PollResult:
    """Register those instances at `port` that aren't among the group's `targets`. Return whether all are healthy.

    Raises NotServing if one can never become healthy, and NotFound if the target group does not exist.
    """
    missing = [
        i
        for i in instances
        if i not in targets or targets[i].state in (TargetState.DRAINING, TargetState.UNHEALTHY_DRAINING)
    ]
    if missing:
        with translate_errors("elasticloadbalancing:RegisterTargets"):
            client.register_targets(TargetGroupArn=arn, Targets=_target_descriptions(missing, port))
        targets = {i: target for i, target in targets.items() if i not in missing}
    return judge_targets(instances, targets, arn)


def judge_targets(instances: Sequence[str], targets: Mapping[str, TargetStatus], arn: str) -> PollResult:
    """Return whether all instances are healthy. Raises NotServing if one can never become healthy.

    An instance that is not healthy yet is no failure. The step fails only when it times out.
    """
    hopeless = [targets[i] for i in instances if i in targets and targets[i].reason in _PERMANENT_REASONS]
    if hopeless:
        raise NotServing(f"{target_group_name(arn)}: {'; '.join(target.summary for target in hopeless)}")
    healthy = [i for i in instances if i in targets and targets[i].state is TargetState.HEALTHY]
    pending = [targets[i].summary if i in targets else f"{i} is not shown yet" for i in instances if i not in healthy]
    detail = f"{target_group_name(arn)}: {len(healthy)} of {len(instances)} healthy" + "".join(
        f"; {summary}" for summary in pending
    )
    if not pending:
        name = target_group_name(arn)
        return PollResult.reached(Registered(target_group=arn, name=name, instances=tuple(instances)))
    return PollResult(False, detail)


def deregister_targets(
    client: ElasticLoadBalancingv2Client,
    arn: str,
    instances: Sequence[str],
    port: int,
    targets: Mapping[str, TargetStatus],
) -> PollResult:
    """Deregister those instances at `port` that are among the group's `targets`. Return whether all have drained."""
    remaining = [targets[i] for i in instances if i in targets and targets[i].reason != "Target.NotRegistered"]
    serving = [t.id for t in remaining if t.state not in (TargetState.DRAINING, TargetState.UNHEALTHY_DRAINING)]
    if serving:
        with translate_errors("elasticloadbalancing:DeregisterTargets"):
            client.deregister_targets(TargetGroupArn=arn, Targets=_target_descriptions(serving, port))
    name = target_group_name(arn)
    if not remaining:
        return PollResult.reached(Deregistered(target_group=arn, name=name, instances=tuple(instances)))
    summaries = (f"{t.id} is draining" if t.id in serving else t.summary for t in remaining)
    return PollResult(False, f"{name}: {'; '.join(summaries)}")


def read_targets(client: ElasticLoadBalancingv2Client, arn: str, port: int) -> dict[str, TargetStatus]:
    """Return the group's targets at `port` by instance ID. Raises NotFound if the target group does not exist."""
    call = "elasticloadbalancing:DescribeTargetHealth"
    with translate_errors(call):
        response = client.describe_target_health(TargetGroupArn=arn)
        described = [
            parse_response(_TargetHealthDescription, item, call) for item in response["TargetHealthDescriptions"]
        ]
    return {
        d.target.id: TargetStatus(d.target.id, d.health.state, d.health.reason, d.health.description)
        for d in described
        if d.target.port in (None, port)
    }


def check_target_groups(client: ElasticLoadBalancingv2Client, arns: Sequence[str]) -> list[str]:
    """Return the problems of target groups, for the preflight check. Raises NotFound if one does not exist."""
    problems = []
    for arn in arns:
        with translate_errors("elasticloadbalancing:DescribeTargetGroups"):
            groups = client.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
        for group in groups:
            if not group.get("LoadBalancerArns"):
                problems.append(f"target group {target_group_name(arn)} belongs to no load balancer")
            if group.get("TargetType", "instance") != "instance":
                problems.append(
                    f"target group {target_group_name(arn)} has targets of type {group['TargetType']}, not instance"
                )
    return problems


def target_group_name(arn: str) -> str:
    """Return the name in a target group's ARN: `.../targetgroup/website-home/0a1b` gives `website-home`."""
    parts = arn.split("/")
    return parts[1] if len(parts) > 1 else arn


def _target_descriptions(instances: Sequence[str], port: int) -> list[TargetDescriptionTypeDef]:
    return [{"Id": instance, "Port": port} for instance in instances]
