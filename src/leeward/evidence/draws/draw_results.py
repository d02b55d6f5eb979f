"""The result of a rehearsal with many draws: each draw, the distributions, and whether the objectives hold."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from leeward.evidence.draws.figures import (
    Distribution,
    DrawsModel,
    Figure,
    FigureName,
    FigureStatus,
    required_count,
)

PERCENT = 95
"""The share of draws that must reach an objective."""


class Draw(DrawsModel):
    """One draw: the rehearsal of the same runbook and scenario with its own seed.

    `problem` says why the draw could not be played or its run did not succeed. It is empty for a successful run.
    `outcome` is how the run ended, or None if the draw could not be played. `repeat` is the command that repeats the
    draw alone. `processor_seconds` is the processor time that it took.
    """

    seed: int
    outcome: str | None
    succeeded: bool
    problem: str
    figures: dict[FigureName, Figure]
    broken_invariants: list[str]
    unmet_steps: list[str] = Field(default=[])
    """The steps that failed or were skipped, although the run succeeded."""
    repeat: str
    processor_seconds: float

    @property
    def has_problem(self) -> bool:
        """Return whether the draw could not be played, did not succeed, broke an invariant, or left a step undone."""
        return not self.succeeded or bool(self.broken_invariants or self.unmet_steps)


class ObjectiveVerdict(StrEnum):
    """Whether an objective holds at p95."""

    HOLDS = "holds at p95"
    MISSED = "does not hold at p95"
    NOT_MEASURED = "was not measured"


class ObjectiveReport(DrawsModel):
    """An objective, and how many of `draws` draws reached it."""

    name: FigureName
    objective_seconds: int
    reached: int
    draws: int
    verdict: ObjectiveVerdict


class DrawsReport(DrawsModel):
    """The result of a rehearsal with many draws.

    `asked` is the requested number of draws. After an interruption, `draws` has fewer. `first_seed` is the seed of the
    first draw, and each further draw has the next seed. `seconds` is real time.
    """

    application: str
    runbook: str
    scenario: str
    first_seed: int
    asked: int
    draws: list[Draw]
    distributions: dict[FigureName, Distribution]
    objectives: list[ObjectiveReport]
    seconds: float

    @property
    def was_interrupted(self) -> bool:
        """Return whether some of the requested draws were not played."""
        return len(self.draws) < self.asked

    @property
    def problem_draws(self) -> list[Draw]:
        """Return the draws that could not be played, did not succeed, or broke an invariant."""
        return [draw for draw in self.draws if draw.has_problem]

    @property
    def processor_seconds(self) -> float:
        """Return the processor time of all draws."""
        return sum(draw.processor_seconds for draw in self.draws)

    @property
    def passed(self) -> bool:
        """Return whether all requested draws were played, succeeded, and kept the invariants, and objectives hold.

        An objective that no draw could measure doesn't count against a rehearsal, as in a single rehearsal.
        """
        missed = any(objective.verdict is ObjectiveVerdict.MISSED for objective in self.objectives)
        return bool(self.draws) and not self.was_interrupted and not self.problem_draws and not missed


def summarize_draws(draws: list[Draw]) -> dict[FigureName, Distribution]:
    """Return the distribution of each figure."""
    return {name: Distribution.from_figures([draw.figures[name] for draw in draws]) for name in FigureName}


def judge_objectives(draws: list[Draw], objectives: Mapping[FigureName, int]) -> list[ObjectiveReport]:
    """Return whether each objective, in seconds, holds at p95.

    It holds if at least 95% of all draws reached it. A draw that never reached the objective, could not be played, or
    did not measure it counts as one that did not reach it. If no draw measured it, the verdict says so.
    """
    return [_judge(name, seconds, draws) for name, seconds in objectives.items()]


def _judge(name: FigureName, seconds: int, draws: list[Draw]) -> ObjectiveReport:
    figures = [draw.figures[name] for draw in draws]
    reached = sum(figure.value is not None and figure.value <= seconds for figure in figures)
    if all(figure.status is FigureStatus.NOT_MEASURED for figure in figures):
        verdict = ObjectiveVerdict.NOT_MEASURED
    elif reached >= required_count(len(draws), PERCENT):
        verdict = ObjectiveVerdict.HOLDS
    else:
        verdict = ObjectiveVerdict.MISSED
    return ObjectiveReport(name=name, objective_seconds=seconds, reached=reached, draws=len(draws), verdict=verdict)
