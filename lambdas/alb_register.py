"""Registers a group's recovered instances with a target group; called until all are healthy."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pydantic import Field

from leeward.common.polling import PollResult, confirm_done
from leeward.drs.inventory.recovery_instances import describe_missing_instances, require_recovery_instances
from leeward.drs.inventory.replaced_instances import find_replaced_instances
from leeward.drs.inventory.server_groups import ServerGroup, resolve_group
from leeward.lambdas.runtime.invocation.events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import target_groups


class TargetGroupParameters(RegionalParameters):
    """Which target group, at which port, and the servers behind it."""

    target_group_arn: str
    port: int = Field(ge=1, le=65535)
    group: ServerGroup

    @property
    def part(self) -> str:
        return target_groups.target_group_name(self.target_group_arn)


@task(WaitingEvent[TargetGroupParameters])
def handler(event: WaitingEvent[TargetGroupParameters], context: TaskContext) -> PollResult:
    """Register what is not registered, take out what it replaces, and look. Raises NotServing, NotFound."""
    return confirm_done(partial(_register, event, context))


def _register(event: WaitingEvent[TargetGroupParameters], context: TaskContext) -> PollResult:
    given, there = event.parameters, context.clients(event.parameters.region)
    servers = resolve_group(there.drs, given.group, there.region)
    found = require_recovery_instances(there.drs, servers, there.region)
    ids = sorted(instance.ec2_instance for instance in found.values())
    stale = sorted(find_replaced_instances(there.ec2, given.group, ids))
    out = target_groups.deregister_targets(there.elbv2, given.target_group_arn, stale, given.port) if stale else None
    look = target_groups.register_targets(there.elbv2, given.target_group_arn, ids, given.port)
    if out is not None and not out.done:
        look = replace(look, done=False, detail=f"{look.detail}; replaced: {out.detail}")
    # As the way back of a fence, the step that put it up is undone.
    undone = {"undone": True} if event.step.kind == "alb.deregister" else {}
    return replace(
        look, detail=look.detail + describe_missing_instances(servers, found), facts={**look.facts, **undone}
    )
