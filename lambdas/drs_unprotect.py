"""Takes the termination protection back, from the instances that this run launched."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.drs.protection import termination_protection
from leeward.lambdas.drs_protect import ProtectParameters
from leeward.lambdas.runtime.invocation.events import TaskEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


@task(TaskEvent[ProtectParameters])
def handler(event: TaskEvent[ProtectParameters], context: TaskContext) -> PollResult:
    """Unset it, and read it back."""
    there = context.clients(event.parameters.region)
    ids = termination_protection.unprotect_instances(
        there.drs, there.ec2, event.parameters.groups, there.region, event.run.id
    )
    told = ", ".join(ids) or "no instance of this run"
    return PollResult(True, f"termination protection is off: {told}", {"instances": ids, "undone": True})
