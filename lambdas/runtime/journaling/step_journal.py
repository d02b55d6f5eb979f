"""What the journal is told of a step, by the tasks that carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.errors import LeewardError, Transient
from leeward.common.polling import PollResult
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.lambdas.runtime.invocation.events import StepAttempt


@dataclass(frozen=True, slots=True)
class StepJournal:
    """One step, or one of its parts that are done side by side."""

    journal: Journal
    step: StepAttempt
    task: str
    part: str | None

    def record_started(self) -> ChainedEntry:
        """The task's first call begins."""
        return self._write(JournalEvent.STEP_STARTED, f"{self.step.name}: begun")

    def record_result(self, result: PollResult) -> ChainedEntry:
        """A call has ended well."""
        return self._write(
            JournalEvent.STEP_DONE if result.done else JournalEvent.STEP_WAITING, result.detail, result.facts
        )

    def record_failure(self, error: Exception) -> None:
        """A call has failed. Only what can't be tried again is the step's failure."""
        name = type(error).__name__
        if isinstance(error, Transient):
            self._write(JournalEvent.STEP_WAITING, f"{name}: {error}; to be tried again", {"error": name})
        elif isinstance(error, LeewardError):
            self._write(JournalEvent.STEP_FAILED, f"{name}: {error}", {"error": name, **error.facts})
        else:
            self._write(JournalEvent.STEP_FAILED, f"{name}, which no one foresaw: {error}", {"error": name})

    def _write(self, event: JournalEvent, detail: str, facts: Mapping[str, object] | None = None) -> ChainedEntry:
        known: dict[str, object] = {"task": self.task, **(facts or {})}
        if self.part is not None:
            known["part"] = self.part
        return self.journal.write(
            JournalEntry(datetime.now(UTC), event, detail, self.step.id, self.step.attempt, known)
        )
