"""Takes a group's machines out of a target group: called until they have drained."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from leeward.common.errors import NotFound
from leeward.common.polling import Look, confirmed
from leeward.control.run import RunRef
from leeward.drs.calls import recovery_instances
from leeward.drs.servers import Group, resolve
from leeward.lambdas.alb_register import TargetParameters
from leeward.lambdas.common.events import WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.traffic import target_groups

# The kind of the step that fences a Region; in a step of any other kind this task takes that step back.
_OWN_KIND = "alb.deregister"


@task(WaitingEvent[TargetParameters])
def handler(event: WaitingEvent[TargetParameters], bench: Workbench) -> Look:
    """Deregister what is registered, and look. Raises NotFound when nothing tells which machines serve there."""
    look = confirmed(partial(_look, event, bench))
    return look if event.step.kind == _OWN_KIND else replace(look, facts={**look.facts, "undone": True})


def _look(event: WaitingEvent[TargetParameters], bench: Workbench) -> Look:
    given = event.parameters
    there = bench.at(given.region)
    ids = _machines(given.group, there.region, event.run, bench)
    return target_groups.deregister(there.elbv2, given.target_group_arn, ids, given.port)


def _machines(group: Group, region: str, run: RunRef, bench: Workbench) -> list[str]:
    """The group's recovered machines in the Region; of the origin also those that the target protects.

    Of the target alone, so that a way back needs no call to a Region that may be dark.
    """
    here = bench.at(region).drs
    if region != run.origin:
        servers = [server.id for server in resolve(here, group, region)]
        return sorted(instance.ec2_instance for instance in recovery_instances(here, servers))
    found: set[str] = set()
    unknown: list[NotFound] = []
    try:
        servers = [server.id for server in resolve(here, group, region)]
        found |= {instance.ec2_instance for instance in recovery_instances(here, servers) if instance.live}
    except NotFound as error:
        unknown.append(error)
    try:
        protected = resolve(bench.at(run.target).drs, group, run.target)
        found |= {s.machine for s in protected if s.machine and s.cloud.region == region}
    except NotFound as error:
        unknown.append(error)
    if not found:
        told = "; ".join(str(error) for error in unknown) or "no recovery instance, and no machine that is protected"
        raise NotFound(f"nothing tells which machines of group {group.name!r} serve in {region}: {told}")
    return sorted(found)
