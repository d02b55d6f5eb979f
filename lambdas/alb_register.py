"""Registers a group's recovered instances with a target group; called until all are healthy."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pydantic import Field

from leeward.common.polling import Look, confirmed
from leeward.drs.instances import left_out, of_servers
from leeward.drs.replaced import replaced
from leeward.drs.servers import Group, resolve
from leeward.lambdas.common.events import RegionalParameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.traffic import target_groups


class TargetParameters(RegionalParameters):
    """Which target group, at which port, and the servers behind it."""

    target_group_arn: str
    port: int = Field(ge=1, le=65535)
    group: Group

    @property
    def part(self) -> str:
        return target_groups.name(self.target_group_arn)


@task(WaitingEvent[TargetParameters])
def handler(event: WaitingEvent[TargetParameters], bench: Workbench) -> Look:
    """Register what is not registered, take out what it replaces, and look. Raises NotServing, NotFound."""
    return confirmed(partial(_look, event, bench))


def _look(event: WaitingEvent[TargetParameters], bench: Workbench) -> Look:
    given, there = event.parameters, bench.at(event.parameters.region)
    servers = resolve(there.drs, given.group, there.region)
    found = of_servers(there.drs, servers, there.region)
    ids = sorted(instance.ec2_instance for instance in found.values())
    stale = sorted(replaced(there.ec2, given.group, ids))
    out = target_groups.deregister(there.elbv2, given.target_group_arn, stale, given.port) if stale else None
    look = target_groups.register(there.elbv2, given.target_group_arn, ids, given.port)
    if out is not None and not out.done:
        look = replace(look, done=False, detail=f"{look.detail}; replaced: {out.detail}")
    # As the way back of a fence, the step that put it up is undone.
    undone = {"undone": True} if event.step.kind == "alb.deregister" else {}
    return replace(look, detail=look.detail + left_out(servers, found), facts={**look.facts, **undone})
