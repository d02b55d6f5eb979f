"""Reads the figures of a draw from the result of its rehearsal."""

from __future__ import annotations

from leeward.evidence.draws.figures import Figure, FigureName
from leeward.rehearsal.results.result_models import RehearsalResult


def read_figures(result: RehearsalResult) -> dict[FigureName, Figure]:
    """Return the figures of a rehearsal: seconds, and the number of lost writes."""
    rto, rpo = result.rto.measured_seconds, result.rpo.measured_seconds
    return {
        FigureName.RTO: Figure.never_reached("the target did not serve every user")
        if rto is None
        else Figure.measured(rto),
        FigureName.RPO: Figure.not_measured("not every server was recovered") if rpo is None else Figure.measured(rpo),
        FigureName.DOWNTIME: Figure.measured(result.clients.downtime_seconds),
        FigureName.LOST_WRITES: Figure.not_measured("the application's writes are not counted")
        if result.writes is None
        else Figure.measured(len(result.writes.lost)),
    }


def figures_of_unplayed_draw() -> dict[FigureName, Figure]:
    """Return the figures of a draw that could not be played. Its objectives count as never reached."""
    reason = "the draw could not be played"
    objectives = (FigureName.RTO, FigureName.RPO)
    return {
        name: Figure.never_reached(reason) if name in objectives else Figure.not_measured(reason) for name in FigureName
    }


def list_broken_invariants(result: RehearsalResult) -> list[str]:
    """Return `name: detail` for each invariant that did not hold."""
    return [f"{invariant.name}: {invariant.detail}" for invariant in result.invariants if not invariant.held]
