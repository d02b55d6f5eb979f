"""Discards what a drill's reversal made: to end a drill, or to take that step back."""

from __future__ import annotations

from leeward.common.polling import PollResult, confirm_done
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.cleanup.drill_cleanup import DrillCleanup
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task

# The kind of the step that ends a drill; in a step of any other kind this task takes that step back.
_OWN_KIND = "drs.discard"


class DiscardParameters(Parameters):
    """The copies in `region` of the groups' drill machines in `other_region`."""

    groups: list[ServerGroup]
    region: str
    other_region: str


@task(WaitingEvent[DiscardParameters])
def handler(event: WaitingEvent[DiscardParameters], context: TaskContext) -> PollResult:
    """Discard, or look how far it is. Raises NotProtected for the copy of a machine that serves, NotReady, NotFound."""
    run, given = event.run, event.parameters
    discard = DrillCleanup(
        drs=context.clients(given.region).drs,
        region=given.region,
        other_drs=context.clients(given.other_region).drs,
        other_region=given.other_region,
        groups=given.groups,
        runs={run.id, *find_predecessors(context.table, run)},
    )
    look = confirm_done(discard.advance)
    return look if event.step.kind == _OWN_KIND else PollResult(look.done, look.detail, {**look.facts, "undone": True})
