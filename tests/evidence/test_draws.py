"""Percentiles of draws, and whether an objective holds over them."""

from __future__ import annotations

import pytest

from leeward.evidence.draws.draw_results import Draw, ObjectiveVerdict, judge_objectives, summarize_draws
from leeward.evidence.draws.figures import Distribution, Figure, FigureName, FigureStatus, nearest_rank


def measured(*values: float) -> list[Figure]:
    return [Figure.measured(value) for value in values]


def draw(seed: int, rto: Figure) -> Draw:
    figures = {name: rto if name is FigureName.RTO else Figure.not_measured() for name in FigureName}
    return Draw(
        seed=seed, outcome="succeeded", succeeded=True, problem="", figures=figures, broken_invariants=[], repeat="",
        processor_seconds=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "percent", "value"),
    [
        (1, 50, 1),
        (1, 95, 1),
        (2, 50, 1),
        (3, 50, 2),
        (10, 50, 5),
        (10, 95, 10),
        (20, 95, 19),
        (50, 95, 48),
        (50, 100, 50),
    ],
)
def test_percentile_is_the_nearest_rank(count: int, percent: int, value: float) -> None:
    assert nearest_rank(measured(*range(count, 0, -1)), percent).value == value


def test_figure_never_reached_is_worse_than_every_number() -> None:
    distribution = Distribution.from_figures([Figure.never_reached("no user was served"), *measured(*range(1, 20))])
    assert (distribution.p95.value, distribution.max.status) == (19, FigureStatus.NEVER_REACHED)
    assert distribution.max.reason == "no user was served"
    worse = Distribution.from_figures([Figure.never_reached(), Figure.never_reached(), *measured(*range(1, 19))])
    assert worse.p95.status is FigureStatus.NEVER_REACHED
    assert worse.p50.value == 10


def test_figure_not_measured_has_no_rank_and_is_counted() -> None:
    distribution = Distribution.from_figures([Figure.not_measured("no servers"), *measured(4, 8)])
    assert (distribution.p50.value, distribution.max.value) == (4, 8)
    assert distribution.count(FigureStatus.NOT_MEASURED) == 1
    nothing = Distribution.from_figures([Figure.not_measured()])
    assert nothing.p50.status is nothing.p95.status is nothing.max.status is FigureStatus.NOT_MEASURED


@pytest.mark.parametrize(
    ("beyond", "verdict"), [(0, ObjectiveVerdict.HOLDS), (1, ObjectiveVerdict.HOLDS), (2, ObjectiveVerdict.MISSED)]
)
@pytest.mark.parametrize("figure", [Figure.measured(101), Figure.never_reached(), Figure.not_measured()])
def test_objective_holds_if_95_percent_of_all_draws_reached_it(
    beyond: int, verdict: ObjectiveVerdict, figure: Figure
) -> None:
    draws = [draw(seed, figure if seed < beyond else Figure.measured(100)) for seed in range(20)]
    (report,) = judge_objectives(draws, {FigureName.RTO: 100})
    assert (report.reached, report.draws, report.verdict) == (20 - beyond, 20, verdict)


def test_objective_that_no_draw_measured_neither_holds_nor_is_missed() -> None:
    draws = [draw(seed, Figure.measured(1)) for seed in range(3)]
    (report,) = judge_objectives(draws, {FigureName.RPO: 100})
    assert report.verdict is ObjectiveVerdict.NOT_MEASURED
    assert summarize_draws(draws)[FigureName.RPO].count(FigureStatus.NOT_MEASURED) == 3
