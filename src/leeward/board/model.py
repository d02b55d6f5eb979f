"""The data that the board shows. A value that is not known is None, and appears as 'unknown'."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AwareDatetime, BaseModel, ConfigDict

from leeward.evidence.model import Evidence, MeasurementStatus
from leeward.readiness.model.findings import ReadinessReport


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class BoardRun(_Model):
    """A run on the board. `drill` is true if it did not move users. `unsent_messages` did not reach operators."""

    run: str
    runbook: str
    source: str
    started_at: AwareDatetime
    outcome: str
    passed: bool
    drill: bool
    rto_seconds: float | None
    rpo_seconds: float | None
    rto_status: MeasurementStatus | None = None
    rpo_status: MeasurementStatus | None = None
    unsent_messages: int = 0


class BoardQuestion(_Model):
    """A question that waits for an operator's answer. `unsent` says why its message was not sent, if it wasn't."""

    run: str
    step: str
    message: str
    choices: tuple[str, ...]
    default: str
    asked_at: AwareDatetime
    unsent: str | None = None


class ApplicationPage(_Model):
    """The page of an application. `runs` has the latest run first. `silent` lists the Regions that didn't respond."""

    name: str
    description: str
    origin: str
    target: str
    rto_objective_seconds: int
    rpo_objective_seconds: int
    readiness: tuple[ReadinessReport, ...] = ()
    runs: tuple[BoardRun, ...] = ()
    questions: tuple[BoardQuestion, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The worst verdict of the application's runbooks, or `unknown` without a readiness report."""
        order = ("not ready", "at risk", "ready")
        verdicts = {str(report.verdict) for report in self.readiness}
        return next((verdict for verdict in order if verdict in verdicts), "unknown")

    @property
    def current_rpo_seconds(self) -> float | None:
        """The longest replication lag in the readiness reports: the data loss of a failover at that time."""
        lags = [
            finding.seconds for report in self.readiness for finding in report.findings if finding.seconds is not None
        ]
        return max(lags, default=None)

    @property
    def drills(self) -> tuple[BoardRun, ...]:
        return tuple(run for run in self.runs if run.drill)

    @property
    def timed_runs(self) -> tuple[BoardRun, ...]:
        """The runs that moved users and have a measured RTO, oldest first."""
        timed = [run for run in self.runs if not run.drill and run.rto_seconds is not None]
        return tuple(sorted(timed, key=lambda run: run.started_at))


class Board(_Model):
    """All applications, and when the board was built."""

    at: AwareDatetime
    applications: tuple[ApplicationPage, ...]


def build_board_run(evidence: Evidence, *, drill: bool) -> BoardRun:
    """Build a run from its evidence. All values come from the evidence. `drill` is true if it did not move users."""
    return BoardRun(
        run=evidence.run,
        runbook=evidence.runbook,
        source=evidence.source if evidence.scenario is None else f"{evidence.source}: {evidence.scenario}",
        started_at=evidence.started_at,
        outcome=evidence.outcome,
        passed=evidence.passed,
        drill=drill,
        rto_seconds=None if drill else evidence.rto.measured_seconds,
        rpo_seconds=evidence.rpo.measured_seconds,
        rto_status=None if drill else evidence.rto.status,
        rpo_status=evidence.rpo.status,
        unsent_messages=len(evidence.unsent_messages),
    )


def sort_latest_first(runs: Sequence[BoardRun]) -> tuple[BoardRun, ...]:
    return tuple(sorted(runs, key=lambda run: (run.started_at, run.run), reverse=True))
