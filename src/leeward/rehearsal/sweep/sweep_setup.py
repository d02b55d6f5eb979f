"""The world that every trial starts from: the application's own, with short waits, just before the run is started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leeward.rehearsal.runner.single_rehearsal import play_run, restore_origin
from leeward.rehearsal.scenarios.compiled_runbooks import load_committed_runbook, prerequisite_runbooks
from leeward.rehearsal.scenarios.fast_timings import FAST_DRS_TIMINGS, with_fast_timings
from leeward.rehearsal.scenarios.scenario_loader import default_scenario_name, load_scenario, load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.state_machines.build import BuiltRunbook


@dataclass(frozen=True, slots=True)
class SweepTarget:
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
def open_sweep_session(target: SweepTarget) -> Iterator[tuple[RehearsalSession, BuiltRunbook]]:
    """The stage, open, at the moment in which the run is started. Raises CannotRehearse, LookupError,
    InvalidDocuments and TwinError."""
    ready = load_committed_runbook(target.root, target.application, target.runbook)
    before = prerequisite_runbooks(target.root, ready)
    workloads = target.root / "workloads"
    told = with_fast_timings(load_world_document(workloads, target.application))
    scenario = load_scenario(workloads, target.application, default_scenario_name(ready))
    with RehearsalSession(ready, told, scenario, target.seed, other_runbooks=before, timings=FAST_DRS_TIMINGS) as stage:
        for earlier in before:
            play_run(stage, earlier, "before", {})
            restore_origin(stage)
        if stage.incident_at > stage.incidents_answered_until:
            stage.wait_until(stage.incident_at + scenario.start.after)
        yield stage, ready
