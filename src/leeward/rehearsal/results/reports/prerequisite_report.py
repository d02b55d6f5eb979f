"""The report of a run that was played before a rehearsal's own run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class PrerequisiteReport(BaseModel):
    """A run that a rehearsal played before its own run, such as the failover before a failback, and what it missed.

    `problems` are its end, its broken invariants, and its steps that failed or were skipped. `missed_objectives` are
    its RTO and RPO, if it missed them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    runbook: str
    run: str
    problems: list[str]
    missed_objectives: list[str]

    @property
    def passed(self) -> bool:
        """Return whether the run passed, as a rehearsal of its own would."""
        return not self.problems and not self.missed_objectives

    @property
    def text(self) -> str:
        """Return that the run passed, or why it did not."""
        if self.passed:
            return f"the {self.runbook} before it passed"
        return f"the {self.runbook} before it did not pass: {'; '.join((*self.problems, *self.missed_objectives))}"
