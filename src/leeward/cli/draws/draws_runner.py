"""Run many draws of a rehearsal, or of all routing variants, with a progress bar or progress lines."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from leeward.cli.arguments.argument_resolution import RehearsalRequest
from leeward.cli.rendering.terminal import can_redraw, create_stderr_console
from leeward.cli.runners import lambda_output
from leeward.cli.runners.gc_pause import pause_garbage_collection
from leeward.cli.runners.rehearsal_runner import translate_rehearsal_errors
from leeward.evidence.draws.draw_results import DrawsReport
from leeward.rehearsal.draws.draws_plan import RehearsalToDraw, plan_draws
from leeward.rehearsal.draws.draws_runner import run_draws
from leeward.rehearsal.draws.variant_draws import VariantDraws, draw_routing_variants

# The interval of progress lines when a bar can't be redrawn.
_LINE_EVERY_SECONDS = 30.0


def run_rehearsal_draws(
    request: RehearsalRequest, count: int, jobs: int, repeat_arguments: list[str], *, show_progress: bool
) -> DrawsReport:
    """Run the draws and return their report. Raises CliError when the rehearsal can't start.

    `repeat_arguments` are the arguments of `leeward` that repeat a draw, without its seed.
    """
    rehearsal = RehearsalToDraw(
        request.project,
        request.application,
        request.runbook,
        scenario=request.scenario,
        run_input=request.run_input,
        trigger=request.trigger.trigger if request.trigger else None,
        templates=request.trigger.templates if request.trigger else None,
        history_dir=request.history,
    )

    def describe_repeat(seed: int) -> str:
        return shlex.join(["leeward", *repeat_arguments, "--seed", str(seed)])

    with _opened(count, show_progress=show_progress) as advance:
        plan = plan_draws(rehearsal, request.seed, count, jobs, describe_repeat)
        return run_draws(plan, lambda draw: advance(bool(draw.has_problem)))


def run_variant_draws(request: RehearsalRequest, count: int, jobs: int, *, show_progress: bool) -> VariantDraws:
    """Compare the routing variants with `count` seeds. Raises CliError when the comparison can't start."""
    with _opened(count, show_progress=show_progress) as advance:
        return draw_routing_variants(
            request.project,
            request.application,
            scenario=request.scenario,
            first_seed=request.seed,
            count=count,
            jobs=jobs,
            on_draw=lambda _: advance(False),
        )


@contextmanager
def _opened(count: int, *, show_progress: bool) -> Iterator[Callable[[bool], None]]:
    """Translate errors, capture the output of the functions, and show the progress on standard error.

    Yields the function to call when a draw has ended, with whether it has a problem.
    """
    console = create_stderr_console()
    with pause_garbage_collection(), translate_rehearsal_errors(), lambda_output.capture_stdout():
        if not show_progress:
            yield lambda _: None
        elif not can_redraw(console):
            yield _create_line_callback(console, count)
        else:
            # The bar redraws only on request, because its own thread would use the simulated clock.
            columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
            with Bar(
                *columns, console=console, transient=True, auto_refresh=False, get_time=time.perf_counter,
                redirect_stdout=False,
            ) as bar:  # fmt: skip
                yield _create_bar_callback(bar, count)


def _create_bar_callback(bar: Bar, count: int) -> Callable[[bool], None]:
    task = bar.add_task(_describe_progress(0, count, 0), total=count)
    bar.refresh()
    ended = problems = 0

    def advance(has_problem: bool) -> None:
        nonlocal ended, problems
        ended, problems = ended + 1, problems + has_problem
        bar.update(task, completed=ended, description=_describe_progress(ended, count, problems))
        bar.refresh()

    return advance


def _create_line_callback(console: Console, count: int) -> Callable[[bool], None]:
    last = time.perf_counter()
    ended = problems = 0

    def advance(has_problem: bool) -> None:
        nonlocal last, ended, problems
        ended, problems = ended + 1, problems + has_problem
        now = time.perf_counter()
        if ended == 1 or now - last >= _LINE_EVERY_SECONDS:
            last = now
            console.print(_describe_progress(ended, count, problems))

    return advance


def _describe_progress(ended: int, count: int, problems: int) -> str:
    found = f", {problems} with problems" if problems else ""
    return f"draw {min(ended + 1, count)} of {count}{found}"
