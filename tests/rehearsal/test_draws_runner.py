"""Draws: which seeds are played, what is reported of each, and what an interruption leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.cli.draws.draws_command import check_draws_options
from leeward.cli.errors.cli_error import CliError
from leeward.cli.screens.draws import show_draws
from leeward.evidence.draws.draw_results import Draw, DrawsReport
from leeward.evidence.draws.figures import FigureName, FigureStatus
from leeward.rehearsal.draws.draws_plan import DrawsPlan, RehearsalToDraw, plan_draws
from leeward.rehearsal.draws.draws_runner import run_draws, summarize_rehearsal
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import rehearse
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse
from leeward.report.draws_page import render_draws_page
from tests.cli.screens import sample_rehearsals
from tests.cli.screens.rendering import console, plain_text
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY


def sample(seed: int, **overrides: object) -> RehearsalResult:
    result = sample_rehearsals.rehearsal().model_copy(update={"seed": seed, **overrides})
    return result.model_copy(
        update={"rto": result.rto.model_copy(update={"measured_seconds": 1000.0 + seed, "objective_seconds": 1800})}
    )


def plan(play: Callable[[int], RehearsalResult], count: int = 4, jobs: int = 2) -> DrawsPlan:
    return DrawsPlan(
        application="website", runbook="failover", scenario="region-dark", first_seed=7, count=count, jobs=jobs,
        objectives={FigureName.RTO: 1800, FigureName.RPO: 300}, play=play,
        repeat_command=lambda seed: f"leeward rehearse website failover --seed {seed}",
    )  # fmt: skip


def with_failures(seed: int) -> RehearsalResult:
    if seed == 8:
        raise CannotRehearse("the simulation stopped: a deadlock")
    if seed == 9:
        return sample(seed, outcome=ExecutionOutcome.FAILED, cause="Failed: the servers did not launch")
    if seed == 10:
        return sample(seed, invariants=[InvariantReport(name="single writer", held=False, detail="two wrote")])
    return sample(seed)


def shown(report: DrawsReport, width: int = 80) -> str:
    on = console(width)
    show_draws(on, report)
    return plain_text(on)


def test_draws_use_consecutive_seeds_and_equal_their_rehearsals() -> None:
    ended: list[int] = []
    report = run_draws(plan(sample), lambda draw: ended.append(draw.seed))
    assert [draw.seed for draw in report.draws] == [7, 8, 9, 10]
    assert sorted(ended) == [7, 8, 9, 10]
    for draw in nonempty(report.draws):
        expected = summarize_rehearsal(sample(draw.seed), f"leeward rehearse website failover --seed {draw.seed}")
        assert draw.model_copy(update={"processor_seconds": 0}) == expected
    assert report.distributions[FigureName.RTO].p50.value == 1008
    assert report.distributions[FigureName.RTO].max.value == 1010
    assert report.passed


def test_draw_with_a_problem_is_reported_with_its_cause_and_command() -> None:
    report = run_draws(plan(with_failures))
    assert [draw.seed for draw in report.problem_draws] == [8, 9, 10]
    assert not report.passed
    unplayed = report.draws[1]
    assert unplayed.outcome is None
    assert unplayed.figures[FigureName.RTO].status is FigureStatus.NEVER_REACHED
    assert report.distributions[FigureName.RTO].max.status is FigureStatus.NEVER_REACHED
    rto = report.objectives[0]
    assert (rto.name, rto.reached, rto.draws) == (FigureName.RTO, 3, 4)
    screen = shown(report)
    assert "seed 8: could not be played: the simulation stopped: a deadlock" in screen
    assert "seed 9: the run failed: Failed: the servers did not launch" in screen
    assert "seed 10: broke the invariant single writer: two wrote" in screen
    assert "again  leeward rehearse website failover --seed 8\n" in screen
    assert "RTO 30m: 3 of 4 draws reached the objective (1 never reached it): does not hold at p95" in screen
    assert "NOT PASSED" in screen


def test_screen_shows_percentiles_and_a_histogram_in_80_columns() -> None:
    screen = shown(run_draws(plan(sample)))
    rto = next(line for line in screen.splitlines() if line.startswith("RTO"))
    assert rto.split()[1:4] == ["16m48s", "16m50s", "16m50s"]
    assert rto.split(maxsplit=4)[4].startswith("16m47s █")
    assert rto.endswith("█ 16m50s")
    assert rto.count("█") == 4
    table = screen[: screen.index("RTO 30m")]
    assert max(len(line) for line in table.splitlines()) <= 80
    assert "…" not in table


def test_interruption_reports_the_draws_that_ended() -> None:
    ended: list[Draw] = []

    def interrupt(draw: Draw) -> None:
        ended.append(draw)
        if len(ended) == 2:
            raise KeyboardInterrupt

    report = run_draws(plan(sample, jobs=1), interrupt)
    assert [draw.seed for draw in report.draws] == [7, 8]
    assert report.was_interrupted
    assert not report.passed
    assert "INTERRUPTED" in shown(report)
    assert "2 of 4 draws" in shown(report)


def test_interruption_of_the_first_draw_reports_no_draw() -> None:
    def interrupted(_: int) -> RehearsalResult:
        raise KeyboardInterrupt

    report = run_draws(plan(interrupted))
    assert report.draws == []
    assert not report.passed
    assert "0 of 4 draws" in shown(report)


def test_report_page_has_a_histogram_of_each_measured_figure() -> None:
    report = run_draws(plan(with_failures))
    page = render_draws_page(report)
    assert "Histogram of RTO: 3 draws" in page
    assert "Histogram of downtime" in page
    assert "1 draws never reached it" in page
    assert "could not be played: the simulation stopped: a deadlock" in page
    assert "leeward rehearse website failover --seed 8" in page
    assert "<script" not in page
    assert page == render_draws_page(report)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"has_rounds": True}, "--rounds or --pace"),
        ({"has_pace": True}, "--rounds or --pace"),
        ({"has_variant_report": True}, "--report can't be combined"),
    ],
)
def test_options_that_make_no_sense_with_draws_are_rejected(options: dict[str, bool], message: str) -> None:
    allowed = {"has_rounds": False, "has_pace": False, "has_variant_report": False}
    check_draws_options(3, 2, **allowed)
    with pytest.raises(CliError, match=message):
        check_draws_options(3, None, **(allowed | options))


def test_jobs_without_draws_are_rejected() -> None:
    with pytest.raises(CliError, match="--jobs requires --draws"):
        check_draws_options(None, 2, has_rounds=False, has_pace=False, has_variant_report=False)


def draws_equal_rehearsals(folder: Path, runbook: str, count: int) -> None:
    together, alone = folder / "together", folder / "alone"
    rehearsal = RehearsalToDraw(REPOSITORY, "website", runbook, history_dir=together)
    report = run_draws(plan_draws(rehearsal, 7, count, 2, lambda _: ""))
    assert len({file.read_bytes() for file in together.glob("*.history.json")}) == count, "the draws are all alike"
    for draw in nonempty(report.draws):
        result = rehearse(REPOSITORY, "website", runbook, seed=draw.seed, history_dir=alone)
        assert draw.model_copy(update={"processor_seconds": 0}) == summarize_rehearsal(result)
    names = sorted(file.name for file in alone.iterdir())
    assert len(names) == 2 * count
    for name in nonempty(names):
        assert (together / name).read_bytes() == (alone / name).read_bytes()


@pytest.mark.verify("complete rehearsals")
def test_two_draws_equal_rehearsals_with_their_seeds(tmp_path: Path) -> None:
    draws_equal_rehearsals(tmp_path, "drill", 2)


@pytest.mark.verify
def test_ten_draws_equal_rehearsals_with_their_seeds(tmp_path: Path) -> None:
    draws_equal_rehearsals(tmp_path, "drill", 10)


@pytest.mark.verify
def test_draws_without_history_folder_write_no_files_and_have_equal_figures(tmp_path: Path) -> None:
    kept = run_draws(plan_draws(RehearsalToDraw(REPOSITORY, "website", "drill", history_dir=tmp_path), 7, 1, 1, str))
    before = sorted((REPOSITORY / "build" / "rehearsals").glob("*-drill-*"))
    times = [file.stat().st_mtime_ns for file in before]
    unkept = run_draws(plan_draws(RehearsalToDraw(REPOSITORY, "website", "drill"), 7, 1, 1, str))
    after = sorted((REPOSITORY / "build" / "rehearsals").glob("*-drill-*"))
    assert (after, [file.stat().st_mtime_ns for file in after]) == (before, times)
    assert unkept.draws[0].figures == kept.draws[0].figures
