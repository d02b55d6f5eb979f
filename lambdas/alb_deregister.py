"""Takes a group's recovered instances out of a target group; called until they have drained."""

from __future__ import annotations

from common.polling import Look
from drs.calls import recovery_instances
from drs.servers import resolve
from lambdas.alb_register import TargetParameters
from lambdas.common.events import WaitingEvent
from lambdas.common.task import task
from lambdas.common.workbench import Workbench
from traffic import target_groups


@task(WaitingEvent[TargetParameters])
def handler(event: WaitingEvent[TargetParameters], bench: Workbench) -> Look:
    """Deregister what is registered, and look."""
    given, region = event.parameters, event.run.target
    servers = [server.id for server in resolve(bench.drs, given.group, region)]
    ids = sorted(instance.ec2_instance for instance in recovery_instances(bench.drs, servers))
    return target_groups.deregister(bench.elbv2, given.target_group_arn, ids, given.port)
