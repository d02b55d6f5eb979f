"""The runs whose work this run goes on with: the one it took over from, the one before that, and so on."""

from __future__ import annotations

from leeward.common.table import Table
from leeward.control.journal import Event, read
from leeward.control.run import RunRef


def predecessors(table: Table, run: RunRef) -> tuple[str, ...]:
    """Ids of the runs that `run` succeeds by `take_over`, nearest first."""
    found: list[str] = []
    earlier = run.take_over
    while earlier is not None and earlier not in found and earlier != run.id:
        found.append(earlier)
        earlier = _taken_over_by(table, earlier)
    return tuple(found)


def _taken_over_by(table: Table, run_id: str) -> str | None:
    for entry in read(table, run_id):
        if entry.event is Event.RUN_BEGAN:
            return RunRef.model_validate(entry.facts["run"]).take_over
    return None
