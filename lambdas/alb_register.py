"""Registers a group's recovered instances with a target group; called until all are healthy."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from common.polling import Look
from drs.instances import left_out, of_servers
from drs.servers import Group, resolve
from lambdas.common.events import Parameters, WaitingEvent
from lambdas.common.task import task
from lambdas.common.workbench import Workbench
from traffic import target_groups


class TargetParameters(Parameters):
    """Which target group, at which port, and the servers behind it."""

    target_group_arn: str
    port: int = Field(ge=1, le=65535)
    group: Group

    @property
    def part(self) -> str:
        return target_groups.name(self.target_group_arn)


@task(WaitingEvent[TargetParameters])
def handler(event: WaitingEvent[TargetParameters], bench: Workbench) -> Look:
    """Register what is not registered, and look. Raises NotServing, NotFound."""
    given, region = event.parameters, event.run.target
    servers = resolve(bench.drs, given.group, region)
    found = of_servers(bench.drs, servers, region)
    ids = sorted(instance.ec2_instance for instance in found.values())
    look = target_groups.register(bench.elbv2, given.target_group_arn, ids, given.port)
    return replace(look, detail=look.detail + left_out(servers, found))
