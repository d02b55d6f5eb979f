"""The world that every trial starts from: the application's own, with short waits, just before the run is started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leeward.state_machines.tree import Ready
from leeward.twin.committed import committed, way_there
from leeward.twin.library import default_scenario, scenario_of, world_of
from leeward.twin.quick import QUICK, quick
from leeward.twin.rehearsal import come_back, play
from leeward.twin.stage import Stage


@dataclass(frozen=True, slots=True)
class Course:
    """What is swept."""

    root: Path
    application: str
    runbook: str
    seed: int

    @property
    def name(self) -> str:
        """`website failover`."""
        return f"{self.application} {self.runbook}"


@contextmanager
def set_up(course: Course) -> Iterator[tuple[Stage, Ready]]:
    """The stage, open, at the moment in which the run is started. Raises CannotRehearse, LookupError,
    InvalidDocuments and TwinError."""
    ready = committed(course.root, course.application, course.runbook)
    before = way_there(course.root, ready)
    workloads = course.root / "workloads"
    told = quick(world_of(workloads, course.application))
    scenario = scenario_of(workloads, course.application, default_scenario(ready))
    with Stage(ready, told, scenario, course.seed, also=before, timings=QUICK) as stage:
        for earlier in before:
            play(stage, earlier, "before", {})
            come_back(stage)
        if stage.incident_at > stage.answered_until:
            stage.wait_until(stage.incident_at + scenario.start.after)
        yield stage, ready
