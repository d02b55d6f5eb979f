"""Lambda task that registers groups' recovered instances with target groups and waits until all are healthy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from leeward.common.claims.types.traffic_claims import Registered
from leeward.common.polling import PollResult
from leeward.common.task_calls.poll_parts import PolledParts
from leeward.drs.inventory.recovery_instances import describe_missing_instances, require_recovered_groups
from leeward.drs.inventory.replaced_instances import find_replaced_instances
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

# A new target must pass several health checks, by default five at 30 s. Few target groups need less than this.
_FIRST_CHECKS_SECONDS = 20


@task(WaitingEvent[TargetGroupParameters])
def handler(event: WaitingEvent[TargetGroupParameters], context: TaskContext) -> PollResult:
    """Register the recovered instances, deregister the instances that they replace, and check target health.

    Raises NotServing or NotFound.
    """
    parameters, clients = event.parameters, context.clients(event.parameters.region)
    chosen = parse_memo(event.poll.memo, parameters) or _choose_targets(parameters, clients)
    result = _register_all(parameters, clients, chosen)
    # DRS may have listed too few instances, so only a second list shows whether all are registered.
    if result.done and (listed := _choose_targets(parameters, clients)) != chosen:
        chosen = listed
        result = _register_all(parameters, clients, chosen)
    ready_in = _FIRST_CHECKS_SECONDS if event.poll.started_at is None else None
    return replace(result, memo=format_memo(chosen), ready_in_seconds=ready_in)


def _register_all(
    parameters: TargetGroupParameters, clients: RegionClients, chosen: Mapping[str, ChosenTargets]
) -> PollResult:
    parts = PolledParts()
    for target in parameters.targets:
        parts.poll(target.name, partial(_register, clients, target, chosen[target.target_group_arn]))
    return parts.combine()


def _choose_targets(parameters: TargetGroupParameters, clients: RegionClients) -> Mapping[str, ChosenTargets]:
    groups = {target.group.name: target.group for target in parameters.targets}
    recovered = require_recovered_groups(clients.drs, list(groups.values()), clients.region)
    chosen: dict[str, ChosenTargets] = {}
    for target in parameters.targets:
        servers, instances = recovered[target.group.name]
        ids = sorted(instance.ec2_instance for instance in instances.values())
        stale = sorted(find_replaced_instances(clients.ec2, target.group, ids))
        missing = describe_missing_instances(servers, instances)
        chosen[target.target_group_arn] = ChosenTargets(ids=ids, stale=stale, missing=missing)
    return chosen


def _register(clients: RegionClients, target: TargetGroupServers, chosen: ChosenTargets) -> PollResult:
    arn, port = target.target_group_arn, target.port
    targets = target_groups.read_targets(clients.elbv2, arn, port)
    drained = (
        target_groups.deregister_targets(clients.elbv2, arn, chosen.stale, port, targets) if chosen.stale else None
    )
    result = target_groups.register_targets(clients.elbv2, arn, chosen.ids, port, targets)
    if drained is not None and not drained.done:
        return PollResult(False, f"{result.detail}; replaced: {drained.detail}{chosen.missing}")
    if not result.done:
        return PollResult(False, result.detail + chosen.missing)
    claim = Registered(target_group=arn, name=target.name, instances=tuple(chosen.ids), also=chosen.missing)
    return PollResult.reached(claim)
