"""Takes a recovery back: terminates what this run's own jobs launched."""

from __future__ import annotations

from common.polling import Look
from drs import undo
from drs.orders import unanswered_of_run
from drs.servers import Group
from lambdas.common.events import Parameters, WaitingEvent
from lambdas.common.task import task
from lambdas.common.workbench import Workbench


class UndoParameters(Parameters):
    """Which servers."""

    groups: list[Group]


@task(WaitingEvent[UndoParameters])
def handler(event: WaitingEvent[UndoParameters], bench: Workbench) -> Look:
    """Terminate, or look how far it is."""
    run = event.run
    return undo.take_back(
        bench.drs,
        event.parameters.groups,
        run.target,
        run.id,
        started_at=run.started_at,
        unanswered=unanswered_of_run(bench.table, run.id, bench.now),
    )
