"""The takeover chain of a run: the run that it took over from, that run's own predecessor, and so on."""

from __future__ import annotations

from leeward.common.aws.tables.state_table import StateTable
from leeward.control.journal.run_journal import JournalEvent, read_entries
from leeward.control.run.run_reference import RunRef


def find_predecessors(table: StateTable, run: RunRef) -> tuple[str, ...]:
    """Return the ids of the runs that `run` continues by `take_over`, latest first."""
    predecessors: list[str] = []
    predecessor = run.take_over
    while predecessor is not None and predecessor not in predecessors and predecessor != run.id:
        predecessors.append(predecessor)
        predecessor = _predecessor_of(table, predecessor)
    return tuple(predecessors)


def _predecessor_of(table: StateTable, run_id: str) -> str | None:
    for entry in read_entries(table, run_id):
        if entry.event is JournalEvent.RUN_BEGAN:
            return RunRef.model_validate(entry.facts["run"]).take_over
    return None
