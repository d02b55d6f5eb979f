"""Reads the figures of a draw from the result of its rehearsal."""

from __future__ import annotations

from leeward.evidence.draws.figures import Figure, FigureName
from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.result_models import RehearsalResult


def read_figures(result: RehearsalResult) -> dict[FigureName, Figure]:
    """Return the figures of a rehearsal: seconds, and the number of lost writes."""
    downtime, writes = result.clients.downtime_seconds, result.writes
    return {
        FigureName.RTO: _read_objective(result.rto),
        FigureName.RPO: _read_objective(result.rpo),
        FigureName.DOWNTIME: Figure.not_measured("no user sent a request")
        if downtime is None
        else Figure.measured(downtime),
        FigureName.LOST_WRITES: Figure.not_measured("the application's writes are not counted")
        if writes is None
        else Figure.measured(len(writes.lost)),
    }


def _read_objective(objective: RehearsalObjective) -> Figure:
    if objective.measured_seconds is not None:
        return Figure.measured(objective.measured_seconds)
    return Figure.never_reached(objective.reason) if objective.missed else Figure.not_measured(objective.reason)


def figures_of_unplayed_draw() -> dict[FigureName, Figure]:
    """Return the figures of a draw that could not be played. Its objectives count as never reached."""
    reason = "the draw could not be played"
    objectives = (FigureName.RTO, FigureName.RPO)
    return {
        name: Figure.never_reached(reason) if name in objectives else Figure.not_measured(reason) for name in FigureName
    }


def list_broken_invariants(result: RehearsalResult) -> list[str]:
    """Return `name: detail` for each invariant that was violated, and the problems of the runs before it.

    The objectives of a failover before a failback are left out. A few draws may miss them, so the failover's own draws
    judge them, at p95.
    """
    broken = [f"{invariant.name}: {invariant.detail}" for invariant in result.invariants if invariant.violated]
    return broken + [
        f"{earlier.runbook}: {problem}" for earlier in result.prerequisites for problem in earlier.problems
    ]
