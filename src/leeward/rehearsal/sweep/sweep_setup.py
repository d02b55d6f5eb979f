"""Opens the world that every trial starts from: the application's world with fast timings, just before the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leeward.rehearsal.runner.prerequisite_runs import describe_failed_failover, report_prerequisite
from leeward.rehearsal.runner.single_rehearsal import play_run, restore_origin
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse, load_committed_runbook, prerequisite_runbooks
from leeward.rehearsal.scenarios.fast_timings import FAST_DRS_TIMINGS, with_fast_timings
from leeward.rehearsal.scenarios.scenario_loader import default_scenario_name, load_scenario, load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.state_machines.build import BuiltRunbook


@dataclass(frozen=True, slots=True)
class SweepTarget:
    """The runbook to sweep, and the seed of the simulation."""

    root: Path
    application: str
    runbook: str
    seed: int

    @property
    def name(self) -> str:
        """Return the application and the runbook, such as `website failover`."""
        return f"{self.application} {self.runbook}"


@contextmanager
def open_sweep_session(target: SweepTarget) -> Iterator[tuple[RehearsalSession, BuiltRunbook]]:
    """Open a session and advance it to the start of the run.

    Raises CannotRehearse when the runbook can't be rehearsed or a run before it does not pass, LookupError when there
    is no such runbook, InvalidDocuments when a document has an error, and TwinError when the simulation stops.
    """
    ready = load_committed_runbook(target.root, target.application, target.runbook)
    prerequisites = prerequisite_runbooks(target.root, ready)
    workloads = target.root / "workloads"
    world_document = with_fast_timings(load_world_document(workloads, target.application))
    scenario = load_scenario(workloads, target.application, default_scenario_name(ready))
    with RehearsalSession(
        ready, world_document, scenario, target.seed, other_runbooks=prerequisites, timings=FAST_DRS_TIMINGS
    ) as session:
        for earlier in prerequisites:
            _, result = play_run(session, earlier, "before", {})
            report = report_prerequisite(result)
            failure = describe_failed_failover(result) or (None if report.passed else report.text)
            if failure is not None:
                raise CannotRehearse(f"{target.name} was not swept, because {failure}")
            restore_origin(session)
        if session.incident_at > session.incidents_answered_until:
            session.wait_until(session.incident_at + scenario.start.after)
        yield session, ready
