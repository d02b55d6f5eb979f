"""Takes a group's machines out of a target group: called until they have drained."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from leeward.common.errors import NotFound
from leeward.common.polling import PollResult, confirm_done
from leeward.control.run.run_reference import RunRef
from leeward.drs.api.queries import list_recovery_instances
from leeward.drs.inventory.server_groups import ServerGroup, resolve_group
from leeward.lambdas.alb_register import TargetGroupParameters
from leeward.lambdas.runtime.invocation.events import WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import target_groups

# The kind of the step that fences a Region; in a step of any other kind this task takes that step back.
_OWN_KIND = "alb.deregister"


@task(WaitingEvent[TargetGroupParameters])
def handler(event: WaitingEvent[TargetGroupParameters], context: TaskContext) -> PollResult:
    """Deregister what is registered, and look. Raises NotFound when nothing tells which machines serve there."""
    look = confirm_done(partial(_deregister, event, context))
    return look if event.step.kind == _OWN_KIND else replace(look, facts={**look.facts, "undone": True})


def _deregister(event: WaitingEvent[TargetGroupParameters], context: TaskContext) -> PollResult:
    given = event.parameters
    there = context.clients(given.region)
    ids = _serving_instances(given.group, there.region, event.run, context)
    return target_groups.deregister_targets(there.elbv2, given.target_group_arn, ids, given.port)


def _serving_instances(group: ServerGroup, region: str, run: RunRef, context: TaskContext) -> list[str]:
    """The group's recovered machines in the Region; of the origin also those that the target protects.

    Of the target alone, so that a way back needs no call to a Region that may be dark.
    """
    here = context.clients(region).drs
    if region != run.origin:
        servers = [server.id for server in resolve_group(here, group, region)]
        return sorted(instance.ec2_instance for instance in list_recovery_instances(here, servers))
    found: set[str] = set()
    unknown: list[NotFound] = []
    try:
        servers = [server.id for server in resolve_group(here, group, region)]
        found |= {instance.ec2_instance for instance in list_recovery_instances(here, servers) if instance.is_live}
    except NotFound as error:
        unknown.append(error)
    try:
        protected = resolve_group(context.clients(run.target).drs, group, run.target)
        found |= {s.machine for s in protected if s.machine and s.cloud.region == region}
    except NotFound as error:
        unknown.append(error)
    if not found:
        told = "; ".join(str(error) for error in unknown) or "no recovery instance, and no machine that is protected"
        raise NotFound(f"nothing tells which machines of group {group.name!r} serve in {region}: {told}")
    return sorted(found)
