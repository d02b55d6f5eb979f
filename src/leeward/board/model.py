"""What the board shows of one application. A figure that is not known is None, and shown as unknown."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AwareDatetime, BaseModel, ConfigDict

from leeward.evidence.model import Evidence
from leeward.readiness.model.findings import ReadinessReport


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BoardRun(_Model):
    """One run: `drill` where it moved no users."""

    run: str
    runbook: str
    source: str
    started_at: AwareDatetime
    outcome: str
    passed: bool
    drill: bool
    rto_seconds: float | None
    rpo_seconds: float | None


class BoardQuestion(_Model):
    """A question that waits for a person."""

    run: str
    step: str
    message: str
    choices: tuple[str, ...]
    default: str
    asked_at: AwareDatetime


class ApplicationPage(_Model):
    """One page. `runs` latest first; `silent` says where nobody answered."""

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
        """The worst verdict of its runbooks; `unknown` where nobody has looked."""
        order = ("not ready", "at risk", "ready")
        found = {str(one.verdict) for one in self.readiness}
        return next((verdict for verdict in order if verdict in found), "unknown")

    @property
    def current_rpo_seconds(self) -> float | None:
        """The longest lag that readiness saw: what a failover would lose if it were started at that moment."""
        lags = [f.seconds for one in self.readiness for f in one.findings if f.seconds is not None]
        return max(lags, default=None)

    @property
    def drills(self) -> tuple[BoardRun, ...]:
        return tuple(run for run in self.runs if run.drill)

    @property
    def timed_runs(self) -> tuple[BoardRun, ...]:
        """The runs in which users were moved, oldest first: RTO over time."""
        moved = [run for run in self.runs if not run.drill and run.rto_seconds is not None]
        return tuple(sorted(moved, key=lambda run: run.started_at))


class Board(_Model):
    """All of it, and when it was made."""

    at: AwareDatetime
    applications: tuple[ApplicationPage, ...]


def build_board_run(evidence: Evidence, *, drill: bool) -> BoardRun:
    """One line of the board, with the figures of the evidence and no others."""
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
    )


def sort_latest_first(runs: Sequence[BoardRun]) -> tuple[BoardRun, ...]:
    return tuple(sorted(runs, key=lambda run: (run.started_at, run.run), reverse=True))
