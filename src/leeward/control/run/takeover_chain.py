"""The runs whose work this run goes on with: the one it took over from, the one before that, and so on."""

from __future__ import annotations

from leeward.common.aws.state_table import StateTable
from leeward.control.journal.run_journal import JournalEvent, read_entries
from leeward.control.run.run_reference import RunRef


def find_predecessors(table: StateTable, run: RunRef) -> tuple[str, ...]:
    """Ids of the runs that `run` succeeds by `take_over`, nearest first."""
    found: list[str] = []
    earlier = run.take_over
    while earlier is not None and earlier not in found and earlier != run.id:
        found.append(earlier)
        earlier = _predecessor_of(table, earlier)
    return tuple(found)


def _predecessor_of(table: StateTable, run_id: str) -> str | None:
    for entry in read_entries(table, run_id):
        if entry.event is JournalEvent.RUN_BEGAN:
            return RunRef.model_validate(entry.facts["run"]).take_over
    return None
