"""Reads the journals and the lock of a session's runs from the application's table."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common.aws.tables.state_table import StateTable
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEntry, read_chain, read_entries
from leeward.control.locking.application_lock import LockHolder, current_holder
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.state_machines.application.application_document import Application
from leeward.twin.engine import Engine


class RunJournals:
    """Reads the application's table with the same calls as an operator's commands."""

    def __init__(self, engine: Engine, application: Application, table: str) -> None:
        self._engine, self._application, self._table_name = engine, application, table

    def journal(self, run: RehearsedRun) -> list[JournalEntry]:
        """Return the run's journal entries."""
        return read_entries(self._table_in(run.way.target), run.id)

    def chain_links(self, run: RehearsedRun) -> list[ChainedEntry]:
        """Return the run's journal entries as stored in the table, to verify their hash chain."""
        return read_chain(self._table_in(run.way.target), run.id)

    def lock_holder(self) -> LockHolder | None:
        """Return the current holder of the application's lock from the standby Region's table."""
        return current_holder(self._table_in(self._application.regions.standby), self._application.application)

    def reported_unprotected(self, run: RehearsedRun, journal: Sequence[JournalEntry] | None = None) -> set[str]:
        """Return the EC2 instance IDs that the run's journal reports as unprotected.

        `journal` is the run's journal if you have already read it.
        """
        journal = self.journal(run) if journal is None else journal
        entries = (entry for entry in journal if str(entry.event).startswith("protection."))
        return {machine for entry in entries for machine in (entry.facts.get("machines") or ())}  # type: ignore[attr-defined]

    def _table_in(self, region: str) -> StateTable:
        return StateTable(self._engine.client("dynamodb", region), self._table_name)
