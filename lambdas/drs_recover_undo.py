"""Terminates what this run's own jobs launched: to take a recovery back, or to end a drill."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from leeward.common.polling import Look, confirmed
from leeward.control.lineage import predecessors
from leeward.drs import undo
from leeward.drs.orders import of_run
from leeward.drs.servers import Group
from leeward.lambdas.common.events import RegionalParameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench

# The kind of the step that ends a drill; in a step of any other kind this task takes that step back.
_OWN_KIND = "drs.terminate"


class UndoParameters(RegionalParameters):
    """Which servers, and where."""

    groups: list[Group]


@task(WaitingEvent[UndoParameters])
def handler(event: WaitingEvent[UndoParameters], bench: Workbench) -> Look:
    """Terminate, or look how far it is."""
    run, own = event.run, event.step.kind == _OWN_KIND
    there = bench.at(event.parameters.region)
    earlier = predecessors(bench.table, run) if own else ()
    take_back = partial(
        undo.take_back,
        there.drs,
        event.parameters.groups,
        there.region,
        run.id,
        started_at=run.started_at,
        unanswered=[o for r in (run.id, *earlier) for o in of_run(bench.table, r) if o.unanswered(bench.now)],
        drills_of=earlier,
    )
    look = confirmed(take_back)
    return look if own else replace(look, facts={**look.facts, "undone": True})
