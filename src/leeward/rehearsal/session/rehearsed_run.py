"""A run in a rehearsal session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leeward.rehearsal.results.step_progress import StepProgress
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.build import BuiltRunbook


@dataclass(frozen=True, slots=True)
class RehearsedRun:
    """One execution of a runbook.

    `trouble_started_at` is the time of the incident that the run responds to, or the run's start. `run_input` is the
    execution's input. `responds_to_incident` is false for a drill or a planned move, before which nothing failed.
    """

    id: str
    ready: BuiltRunbook
    execution: str
    started_at: datetime
    trouble_started_at: datetime
    progress: StepProgress
    run_input: Mapping[str, Any] = field(default_factory=dict)
    responds_to_incident: bool = False

    @property
    def way(self) -> RunRegions:
        """Return the run's origin and target Regions."""
        return self.ready.compiled.run_regions
