"""One execution of a runbook on a stage."""

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
    """`since` is when its trouble began: the incident, or its own start. `given` is the execution's input."""

    id: str
    ready: BuiltRunbook
    execution: str
    started_at: datetime
    trouble_started_at: datetime
    progress: StepProgress
    run_input: Mapping[str, Any] = field(default_factory=dict)

    @property
    def way(self) -> RunRegions:
        """The Region being left and the Region being entered."""
        return self.ready.compiled.run_regions
