"""Runs the draws of a rehearsal in parallel.

The first draw is played in this process, so that modules are imported, clients created, and definitions parsed before
the other draws are forked. Draws are independent: the result of a seed is that of a rehearsal with the same seed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from leeward.evidence.draws.draw_results import Draw, DrawsReport, judge_objectives, summarize_draws
from leeward.rehearsal.draws.draw_figures import figures_of_unplayed_draw, list_broken_invariants, read_figures
from leeward.rehearsal.draws.draws_plan import DrawsPlan
from leeward.rehearsal.processes.forked_calls import call_in_forks
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse

# Real time. A draw that takes longer hangs, and its process is ended.
_DRAW_TIMEOUT_SECONDS = 900


OnDraw = Callable[[Draw], object]


def run_draws(plan: DrawsPlan, on_draw: OnDraw = lambda _: None) -> DrawsReport:
    """Play all draws and return the report. `on_draw` is called with each draw when it ends, in any order.

    A draw that can't be played is part of the report. KeyboardInterrupt ends the draws that still run, and the report
    has those that had ended.
    """
    started_at = time.perf_counter()
    draws: dict[int, Draw] = {}

    def add(seed: int, text: str | None) -> None:
        draws[seed] = Draw.model_validate_json(text) if text else _crashed_draw(plan, seed)
        on_draw(draws[seed])

    seeds = range(plan.first_seed, plan.first_seed + plan.count)
    try:
        add(seeds[0], _play_draw(plan, seeds[0]))
        call_in_forks(
            lambda seed: _play_draw(plan, seed), seeds[1:], plan.jobs, add, timeout_seconds=_DRAW_TIMEOUT_SECONDS
        )
    except KeyboardInterrupt:
        pass
    ordered = [draws[seed] for seed in sorted(draws)]
    return DrawsReport(
        application=plan.application,
        runbook=plan.runbook,
        scenario=plan.scenario,
        first_seed=plan.first_seed,
        asked=plan.count,
        draws=ordered,
        distributions=summarize_draws(ordered),
        objectives=judge_objectives(ordered, plan.objectives),
        seconds=round(time.perf_counter() - started_at, 3),
    )


def _play_draw(plan: DrawsPlan, seed: int) -> str:
    """Rehearse with the seed and return the draw as JSON. A rehearsal that can't be played is an unplayed draw."""
    began = time.process_time()
    try:
        draw = summarize_rehearsal(plan.play(seed), plan.repeat_command(seed))
    except CannotRehearse as error:
        draw = _unplayed_draw(plan, seed, str(error))
    except Exception as error:  # a defect in one draw must not end the others
        draw = _unplayed_draw(plan, seed, f"{type(error).__name__}: {error}")
    return draw.model_copy(update={"processor_seconds": round(time.process_time() - began, 3)}).model_dump_json()


def summarize_rehearsal(result: RehearsalResult, repeat: str = "") -> Draw:
    """Return the draw of a rehearsal's result. The processor time is 0, because the result doesn't include it."""
    succeeded = result.outcome is ExecutionOutcome.SUCCEEDED
    cause = " ".join((result.cause or result.error or "").split())
    return Draw(
        seed=result.seed,
        outcome=result.outcome.value,
        succeeded=succeeded,
        problem="" if succeeded else f"the run {result.outcome.value.replace('_', ' ')}: {cause}".removesuffix(": "),
        figures=read_figures(result),
        broken_invariants=list_broken_invariants(result),
        unmet_steps=[f"{step.name} ({step.status})" for step in result.unmet_steps] if succeeded else [],
        repeat=repeat,
        processor_seconds=0,
    )


def _crashed_draw(plan: DrawsPlan, seed: int) -> Draw:
    return _unplayed_draw(plan, seed, "its process ended without a result: it timed out or crashed")


def _unplayed_draw(plan: DrawsPlan, seed: int, cause: str) -> Draw:
    return Draw(
        seed=seed,
        outcome=None,
        succeeded=False,
        problem=f"could not be played: {' '.join(cause.split())}",
        figures=figures_of_unplayed_draw(),
        broken_invariants=[],
        repeat=plan.repeat_command(seed),
        processor_seconds=0,
    )
