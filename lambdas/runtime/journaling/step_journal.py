"""Journal entries that a task writes about its step: started, waiting, done, or failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.claims.all_claims import claims_to_facts
from leeward.common.claims.types.claim import Claim
from leeward.common.errors import LeewardError
from leeward.common.polling import PartProgress, PollResult
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.lambdas.runtime.invocation.task_events import StepAttempt


@dataclass(frozen=True, slots=True)
class StepJournal:
    """The journal of one step, written by its task. With `requires_lock`, the run must hold the application's lock."""

    journal: Journal
    step: StepAttempt
    task: str
    requires_lock: bool = True

    def record_started(self) -> ChainedEntry:
        """Record that the task's first call starts. Raises LockLost, for a task that requires the lock."""
        return self._write(JournalEvent.STEP_STARTED, f"{self.step.name}: begun", key="started")

    def record_done(self, result: PollResult) -> ChainedEntry:
        """Record that the step is done. Raises LockLost, for a task that requires the lock."""
        facts = _facts_of(result.claims, result.parts) | ({"undone": True} if self.step.undo else {})
        return self._write(JournalEvent.STEP_DONE, result.detail, facts, key="done")

    def record_waiting(self, result: PollResult) -> None:
        """Record what a call found that isn't done yet, unless an earlier call recorded that the step is done."""
        if not self.is_done:
            self._write(JournalEvent.STEP_WAITING, result.detail, _facts_of(result.claims, result.parts))

    @property
    def is_done(self) -> bool:
        """Return whether another call, or a write whose response was lost, has recorded that the step is done."""
        return self.journal.has_entry(self._key("done"))

    def record_failure(self, error: Exception) -> None:
        """Record a failed call that is not repeated."""
        name = type(error).__name__
        if isinstance(error, LeewardError):
            self._write(
                JournalEvent.STEP_FAILED, f"{name}: {error}", {"error": name, **_facts_of(error.claims, error.parts)}
            )
        else:
            self._write(JournalEvent.STEP_FAILED, f"{name} (unexpected error): {error}", {"error": name})

    def _write(
        self, event: JournalEvent, detail: str, facts: Mapping[str, object] | None = None, *, key: str | None = None
    ) -> ChainedEntry:
        """Write an entry. One with a `key` is written once for each attempt of the step, and only with the lock."""
        entry_facts: dict[str, object] = {"task": self.task, **(facts or {})}
        entry = JournalEntry(datetime.now(UTC), event, detail, self.step.id, self.step.attempt, entry_facts)
        if key is None:
            return self.journal.write(entry)
        return self.journal.write(entry, key=self._key(key), fenced=self.requires_lock)

    def _key(self, name: str) -> str:
        return f"{self.step.id}#{self.step.attempt}#{'undo-' if self.step.undo else ''}{name}"


def _facts_of(claims: Sequence[Claim], parts: Sequence[PartProgress]) -> dict[str, object]:
    return claims_to_facts(claims) | ({"parts": [part.model_dump(mode="json") for part in parts]} if parts else {})
