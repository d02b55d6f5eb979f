"""Lambda task that registers a group's recovered instances with a target group and waits until all are healthy."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pydantic import Field

from leeward.common.polling import PollResult, confirm_done
from leeward.drs.inventory.recovery_instances import describe_missing_instances, require_recovery_instances
from leeward.drs.inventory.replaced_instances import find_replaced_instances
from leeward.drs.inventory.server_groups import ServerGroup, resolve_group
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import target_groups


class TargetGroupParameters(RegionalParameters):
    """The target group, the port, and the servers to register."""

    target_group_arn: str
    port: int = Field(ge=1, le=65535)
    group: ServerGroup

    @property
    def part(self) -> str:
        return target_groups.target_group_name(self.target_group_arn)


@task(WaitingEvent[TargetGroupParameters])
def handler(event: WaitingEvent[TargetGroupParameters], context: TaskContext) -> PollResult:
    """Register the recovered instances, deregister the instances that they replace, and check target health.

    Raises NotServing or NotFound.
    """
    return confirm_done(partial(_register, event, context))


def _register(event: WaitingEvent[TargetGroupParameters], context: TaskContext) -> PollResult:
    parameters, clients = event.parameters, context.clients(event.parameters.region)
    servers = resolve_group(clients.drs, parameters.group, clients.region)
    instances = require_recovery_instances(clients.drs, servers, clients.region)
    ids = sorted(instance.ec2_instance for instance in instances.values())
    stale = sorted(find_replaced_instances(clients.ec2, parameters.group, ids))
    deregistered = (
        target_groups.deregister_targets(clients.elbv2, parameters.target_group_arn, stale, parameters.port)
        if stale
        else None
    )
    result = target_groups.register_targets(clients.elbv2, parameters.target_group_arn, ids, parameters.port)
    if deregistered is not None and not deregistered.done:
        result = replace(result, done=False, detail=f"{result.detail}; replaced: {deregistered.detail}")
    # An alb.deregister step runs this task to roll back its fence.
    undone = {"undone": True} if event.step.kind == "alb.deregister" else {}
    return replace(
        result, detail=result.detail + describe_missing_instances(servers, instances), facts={**result.facts, **undone}
    )
