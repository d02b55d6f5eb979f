"""Takes the application's lock, so that one run acts at a time."""

from __future__ import annotations

from functools import partial

from common.errors import InvalidInput
from common.polling import Look
from control import lock
from lambdas.common.callbacks import still_running
from lambdas.common.events import Parameters, TaskEvent
from lambdas.common.task import task
from lambdas.common.workbench import Workbench


class LockParameters(Parameters):
    """Whose lock."""

    application: str


@task(TaskEvent[LockParameters])
def handler(event: TaskEvent[LockParameters], bench: Workbench) -> Look:
    """Take it, or take it over. Raises LockHeld naming the run that holds it, and since when."""
    run, application = event.run, event.parameters.application
    if application != run.application:
        raise InvalidInput(f"parameters.application is {application!r}, but the run is of {run.application!r}")
    held = lock.take(
        bench.table,
        run,
        event.step.id,
        bench.journal(run.id),
        now=bench.now,
        still_running=partial(still_running, bench.states, bench.table),
    )
    taken = f", taken over from {held.taken_from}" if held.taken_from else ""
    return Look(True, f"this run holds the lock of {run.application}{taken}")
