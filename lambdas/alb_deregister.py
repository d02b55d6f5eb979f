"""Lambda task that deregisters groups' instances from target groups and waits until they have drained."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from leeward.common.errors import NotFound
from leeward.common.polling import PollResult
from leeward.common.task_calls.confirmation import confirm_done
from leeward.common.task_calls.poll_parts import PolledParts
from leeward.control.run.run_reference import RunRef
from leeward.drs.api.queries import list_recovery_instances
from leeward.drs.inventory.server_groups import ServerGroup, resolve_group
from leeward.lambdas.runtime.invocation.task_context import RegionClients, TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.target_group_parameters import (
    ChosenTargets,
    TargetGroupParameters,
    TargetGroupServers,
    format_memo,
    parse_memo,
)
from leeward.traffic.routing import target_groups


@task(WaitingEvent[TargetGroupParameters])
def handler(event: WaitingEvent[TargetGroupParameters], context: TaskContext) -> PollResult:
    """Deregister the groups' instances and check whether they have drained.

    Raises NotFound when no record shows which instances serve in the Region.
    """
    parameters, clients = event.parameters, context.clients(event.parameters.region)
    known = parse_memo(event.poll.memo, parameters)

    def deregister_all() -> PollResult:
        # DRS may have listed too few instances, so only a second list shows whether all have drained.
        nonlocal known
        chosen, known = known or _choose_targets(event, context, clients.region), None
        parts = PolledParts()
        for target in parameters.targets:
            parts.poll(target.name, partial(_deregister, clients, target, chosen[target.target_group_arn]))
        return replace(parts.combine(), memo=format_memo(chosen))

    return confirm_done(deregister_all)


def _choose_targets(
    event: WaitingEvent[TargetGroupParameters], context: TaskContext, region: str
) -> dict[str, ChosenTargets]:
    return {
        target.target_group_arn: ChosenTargets(ids=_serving_instances(target.group, region, event.run, context))
        for target in event.parameters.targets
    }


def _deregister(clients: RegionClients, target: TargetGroupServers, chosen: ChosenTargets) -> PollResult:
    arn, port = target.target_group_arn, target.port
    targets = target_groups.read_targets(clients.elbv2, arn, port)
    return target_groups.deregister_targets(clients.elbv2, arn, chosen.ids, port, targets)


def _serving_instances(group: ServerGroup, region: str, run: RunRef, context: TaskContext) -> list[str]:
    """Return the EC2 IDs of the group's recovered instances in `region`.

    In the origin Region, include the instances that the target Region protects. For the target Region, call only that
    Region, so that a rollback doesn't depend on an origin Region that may be unavailable.
    """
    drs = context.clients(region).drs
    if region != run.origin:
        servers = [server.id for server in resolve_group(drs, group, region)]
        return sorted(instance.ec2_instance for instance in list_recovery_instances(drs, servers))
    ids: set[str] = set()
    errors: list[NotFound] = []
    try:
        servers = [server.id for server in resolve_group(drs, group, region)]
        ids |= {instance.ec2_instance for instance in list_recovery_instances(drs, servers) if instance.is_live}
    except NotFound as error:
        errors.append(error)
    try:
        protected = resolve_group(context.clients(run.target).drs, group, run.target)
        ids |= {s.machine for s in protected if s.machine and s.cloud.region == region}
    except NotFound as error:
        errors.append(error)
    if not ids:
        reasons = "; ".join(str(error) for error in errors) or "no recovery instance and no protected instance exists"
        raise NotFound(f"can't determine which instances of group {group.name!r} serve in {region}: {reasons}")
    return sorted(ids)
