"""Discards what a drill's reversal made: to end a drill, or to take that step back."""

from __future__ import annotations

from leeward.common.polling import Look, confirmed
from leeward.control.lineage import predecessors
from leeward.drs.discarding import Discard
from leeward.drs.servers import Group
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench

# The kind of the step that ends a drill; in a step of any other kind this task takes that step back.
_OWN_KIND = "drs.discard"


class DiscardParameters(Parameters):
    """The copies in `region` of the groups' drill machines in `other_region`."""

    groups: list[Group]
    region: str
    other_region: str


@task(WaitingEvent[DiscardParameters])
def handler(event: WaitingEvent[DiscardParameters], bench: Workbench) -> Look:
    """Discard, or look how far it is. Raises NotProtected for the copy of a machine that serves, NotReady, NotFound."""
    run, given = event.run, event.parameters
    discard = Discard(
        here=bench.at(given.region).drs,
        region=given.region,
        there=bench.at(given.other_region).drs,
        other_region=given.other_region,
        groups=given.groups,
        runs={run.id, *predecessors(bench.table, run)},
    )
    look = confirmed(discard.look)
    return look if event.step.kind == _OWN_KIND else Look(look.done, look.detail, {**look.facts, "undone": True})
