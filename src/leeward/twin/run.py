"""One execution of a runbook on a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leeward.state_machines.documents.direction import Way
from leeward.state_machines.tree import Ready
from leeward.twin.progress import Progress


@dataclass(frozen=True, slots=True)
class Run:
    """`since` is when its trouble began: the incident, or its own start. `given` is the execution's input."""

    id: str
    ready: Ready
    execution: str
    started_at: datetime
    since: datetime
    progress: Progress
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def way(self) -> Way:
        """The Region being left and the Region being entered."""
        return self.ready.compiled.way
