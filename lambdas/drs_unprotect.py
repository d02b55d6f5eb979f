"""Takes the termination protection back, from the instances that this run launched."""

from __future__ import annotations

from leeward.common.polling import Look
from leeward.drs import protection
from leeward.lambdas.common.events import TaskEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.lambdas.drs_protect import ProtectParameters


@task(TaskEvent[ProtectParameters])
def handler(event: TaskEvent[ProtectParameters], bench: Workbench) -> Look:
    """Unset it, and read it back."""
    there = bench.at(event.parameters.region)
    ids = protection.unprotect(there.drs, there.ec2, event.parameters.groups, there.region, event.run.id)
    told = ", ".join(ids) or "no instance of this run"
    return Look(True, f"termination protection is off: {told}", {"instances": ids, "undone": True})
