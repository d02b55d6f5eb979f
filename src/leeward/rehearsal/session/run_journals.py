"""What the runs on a stage have written into the application's table: their journals, and who holds the lock."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common.aws.state_table import StateTable
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEntry, read_chain, read_entries
from leeward.control.locking.application_lock import LockHolder, current_holder
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.state_machines.application.application_document import Application
from leeward.twin.engine import Engine


class RunJournals:
    """Read as a person would read them, by the same calls."""

    def __init__(self, engine: Engine, application: Application, table: str) -> None:
        self._engine, self._application, self._table_name = engine, application, table

    def journal(self, run: RehearsedRun) -> list[JournalEntry]:
        """What the run wrote down."""
        return read_entries(self._table_in(run.way.target), run.id)

    def chain_links(self, run: RehearsedRun) -> list[ChainedEntry]:
        """The same, as it lies in the table: for whoever checks the chain."""
        return read_chain(self._table_in(run.way.target), run.id)

    def lock_holder(self) -> LockHolder | None:
        """Who holds the application's lock, at its home."""
        return current_holder(self._table_in(self._application.regions.standby), self._application.application)

    def reported_unprotected(self, run: RehearsedRun, journal: Sequence[JournalEntry] | None = None) -> set[str]:
        """The machines (EC2 instance ids) of which the run's journal, read before or now, says since when they had no
        protected copy."""
        read_now = self.journal(run) if journal is None else journal
        entries = (entry for entry in read_now if str(entry.event).startswith("protection."))
        return {machine for entry in entries for machine in (entry.facts.get("machines") or ())}  # type: ignore[attr-defined]

    def _table_in(self, region: str) -> StateTable:
        return StateTable(self._engine.client("dynamodb", region), self._table_name)
