"""Takes the application's lock, so that one run acts at a time."""

from __future__ import annotations

from functools import partial

from leeward.common.errors import InvalidInput
from leeward.common.polling import Look
from leeward.control import lock
from leeward.control.journal import Event
from leeward.lambdas.common.callbacks import still_running
from leeward.lambdas.common.events import Parameters, TaskEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class LockParameters(Parameters):
    """Whose lock, and the Region whose table keeps it: by default the one that the run enters."""

    application: str
    home: str | None = None


@task(TaskEvent[LockParameters], fenced=False)
def handler(event: TaskEvent[LockParameters], bench: Workbench) -> Look:
    """Take it, or take it over. Raises LockHeld naming the run that holds it and since when, LockUnknown."""
    run, application, home = event.run, event.parameters.application, event.parameters.home or event.run.target
    if application != run.application:
        raise InvalidInput(f"parameters.application is {application!r}, but the run is of {run.application!r}")
    if home not in (run.origin, run.target):
        raise InvalidInput(f"parameters.home is {home!r}, but the run leads from {run.origin} to {run.target}")
    if run.waive_lock is not None and run.waive_lock != home:
        raise InvalidInput(f"waive_lock is {run.waive_lock!r}, but the lock is kept in {home}, where this run is")
    taken = lock.take(
        lock.Places(bench.table, bench.table_at(home), home),
        run,
        event.step.id,
        bench.journal(run.id),
        now=bench.now,
        execution=_execution(bench, run.id),
        still_running=partial(still_running, bench.region, bench.table),
    )
    if taken.waived:
        return Look(True, f"this run goes on without the lock of {application}: {home} does not answer, and is waived")
    over = f", taken over from {taken.holder.taken_from}" if taken.holder.taken_from else ""
    return Look(True, f"this run holds the lock of {application}{over}")


def _execution(bench: Workbench, run_id: str) -> str | None:
    """The run's execution, as its first task wrote it down."""
    for entry in bench.journal(run_id).entries():
        if entry.event is Event.RUN_BEGAN:
            return str(entry.facts["execution"])
    return None
