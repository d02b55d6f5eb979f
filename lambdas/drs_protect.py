"""Protects the recovered instances from termination."""

from __future__ import annotations

from leeward.common.polling import Look
from leeward.drs import protection
from leeward.drs.servers import Group
from leeward.lambdas.common.events import RegionalParameters, TaskEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class ProtectParameters(RegionalParameters):
    """Which servers, and where."""

    groups: list[Group]


@task(TaskEvent[ProtectParameters])
def handler(event: TaskEvent[ProtectParameters], bench: Workbench) -> Look:
    """Set it, and read it back. Raises NotFound when no server has a recovery instance."""
    there = bench.at(event.parameters.region)
    ids, left_out = protection.protect(there.drs, there.ec2, event.parameters.groups, there.region)
    return Look(True, f"termination protection is on: {', '.join(ids)}{left_out}", {"instances": ids})
