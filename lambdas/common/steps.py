"""What the journal is told of a step, by the tasks that carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.errors import LeewardError, Transient
from leeward.common.polling import Look
from leeward.control.chain import Link
from leeward.control.journal import Entry, Event, Journal
from leeward.lambdas.common.events import StepRef


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step, or one of its parts that are done side by side."""

    journal: Journal
    step: StepRef
    task: str
    part: str | None

    def started(self) -> Link:
        """The task's first call begins."""
        return self._write(Event.STEP_STARTED, f"{self.step.name}: begun")

    def looked(self, look: Look) -> Link:
        """A call has ended well."""
        return self._write(Event.STEP_DONE if look.done else Event.STEP_WAITING, look.detail, look.facts)

    def failed(self, error: Exception) -> None:
        """A call has failed. Only what can't be tried again is the step's failure."""
        name = type(error).__name__
        if isinstance(error, Transient):
            self._write(Event.STEP_WAITING, f"{name}: {error}; to be tried again", {"error": name})
        elif isinstance(error, LeewardError):
            self._write(Event.STEP_FAILED, f"{name}: {error}", {"error": name, **error.facts})
        else:
            self._write(Event.STEP_FAILED, f"{name}, which no one foresaw: {error}", {"error": name})

    def _write(self, event: Event, detail: str, facts: Mapping[str, object] | None = None) -> Link:
        known: dict[str, object] = {"task": self.task, **(facts or {})}
        if self.part is not None:
            known["part"] = self.part
        return self.journal.write(Entry(datetime.now(UTC), event, detail, self.step.id, self.step.attempt, known))
