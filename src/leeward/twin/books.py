"""What the runs on a stage have written into the application's table: their journals, and who holds the lock."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common.table import Table
from leeward.control.chain import Link
from leeward.control.journal import Entry, chain, read
from leeward.control.lock import Holder, holder
from leeward.state_machines.documents.application import Application
from leeward.twin.engine import Engine
from leeward.twin.run import Run


class Books:
    """Read as a person would read them, by the same calls."""

    def __init__(self, engine: Engine, application: Application, table: str) -> None:
        self._engine, self._application, self._table = engine, application, table

    def journal(self, run: Run) -> list[Entry]:
        """What the run wrote down."""
        return read(self._in(run.way.target), run.id)

    def links(self, run: Run) -> list[Link]:
        """The same, as it lies in the table: for whoever checks the chain."""
        return chain(self._in(run.way.target), run.id)

    def lock_holder(self) -> Holder | None:
        """Who holds the application's lock, at its home."""
        return holder(self._in(self._application.regions.standby), self._application.application)

    def told_of(self, run: Run, journal: Sequence[Entry] | None = None) -> set[str]:
        """The machines (EC2 instance ids) of which the run's journal, read before or now, says since when they had no
        protected copy."""
        read_now = self.journal(run) if journal is None else journal
        entries = (entry for entry in read_now if str(entry.event).startswith("protection."))
        return {machine for entry in entries for machine in (entry.facts.get("machines") or ())}  # type: ignore[attr-defined]

    def _in(self, region: str) -> Table:
        return Table(self._engine.client("dynamodb", region), self._table)
