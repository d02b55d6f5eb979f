"""Journal entries that a task writes about its step: started, waiting, done, or failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.claims.all_claims import claims_to_facts
from leeward.common.errors import LeewardError, Transient
from leeward.common.polling import PollResult
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.lambdas.runtime.invocation.task_events import StepAttempt


@dataclass(frozen=True, slots=True)
class StepJournal:
    """The journal of one step, or of one part of a step that runs parts in parallel."""

    journal: Journal
    step: StepAttempt
    task: str
    part: str | None

    def record_started(self) -> ChainedEntry:
        """Record that the task's first call starts."""
        return self._write(JournalEvent.STEP_STARTED, f"{self.step.name}: begun")

    def record_result(self, result: PollResult) -> ChainedEntry:
        """Record a call's result: the step is done or waiting."""
        facts = claims_to_facts(result.claims) | ({"undone": True} if self.step.undo else {})
        return self._write(JournalEvent.STEP_DONE if result.done else JournalEvent.STEP_WAITING, result.detail, facts)

    def record_failure(self, error: Exception) -> None:
        """Record a failed call. A transient error is recorded as waiting, because the call is retried."""
        name = type(error).__name__
        if isinstance(error, Transient):
            self._write(JournalEvent.STEP_WAITING, f"{name}: {error}; will be retried", {"error": name})
        elif isinstance(error, LeewardError):
            self._write(JournalEvent.STEP_FAILED, f"{name}: {error}", {"error": name, **error.facts})
        else:
            self._write(JournalEvent.STEP_FAILED, f"{name} (unexpected error): {error}", {"error": name})

    def _write(self, event: JournalEvent, detail: str, facts: Mapping[str, object] | None = None) -> ChainedEntry:
        entry_facts: dict[str, object] = {"task": self.task, **(facts or {})}
        if self.part is not None:
            entry_facts["part"] = self.part
        return self.journal.write(
            JournalEntry(datetime.now(UTC), event, detail, self.step.id, self.step.attempt, entry_facts)
        )
