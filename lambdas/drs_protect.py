"""Protects the recovered instances from termination."""

from __future__ import annotations

from common.polling import Look
from drs import protection
from drs.servers import Group
from lambdas.common.events import Parameters, TaskEvent
from lambdas.common.task import task
from lambdas.common.workbench import Workbench


class ProtectParameters(Parameters):
    """Which servers."""

    groups: list[Group]


@task(TaskEvent[ProtectParameters])
def handler(event: TaskEvent[ProtectParameters], bench: Workbench) -> Look:
    """Set it, and read it back. Raises NotFound when no server has a recovery instance."""
    ids, left_out = protection.protect(bench.drs, bench.ec2, event.parameters.groups, event.run.target)
    return Look(True, f"termination protection is on: {', '.join(ids)}{left_out}", {"instances": ids})
