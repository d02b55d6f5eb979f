"""Lambda task that registers a group's recovered instances with a target group and waits until all are healthy."""

from __future__ import annotations

from functools import partial

from leeward.common.claims.types.traffic_claims import Registered
from leeward.common.polling import PollResult, confirm_done
from leeward.drs.inventory.recovery_instances import describe_missing_instances, require_recovery_instances
from leeward.drs.inventory.replaced_instances import find_replaced_instances
from leeward.drs.inventory.server_groups import resolve_group
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.target_group_parameters import TargetGroupParameters
from leeward.traffic.routing import target_groups


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
    missing = describe_missing_instances(servers, instances)
    if deregistered is not None and not deregistered.done:
        return PollResult(False, f"{result.detail}; replaced: {deregistered.detail}{missing}")
    if not result.done:
        return PollResult(False, result.detail + missing)
    arn = parameters.target_group_arn
    name = target_groups.target_group_name(arn)
    return PollResult.reached(Registered(target_group=arn, name=name, instances=tuple(ids), also=missing))
