"""Run rehearsals with live progress, and translate their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from leeward.cli.arguments.argument_resolution import RehearsalRequest
from leeward.cli.errors.cli_error import CliError
from leeward.cli.live_view.pacing import RehearsalPacer
from leeward.cli.live_view.views import ProgressView, ProgressWatcher
from leeward.cli.rendering.terminal import create_stderr_console
from leeward.cli.runners import lambda_output
from leeward.cli.runners.gc_pause import pause_garbage_collection
from leeward.cli.screens.document_problems import show_problems
from leeward.rehearsal.results.result_models import RehearsalResult, RoundsResult
from leeward.rehearsal.runner.rounds import rehearse_rounds
from leeward.rehearsal.runner.routing_comparison import VariantComparison, compare_routing_variants
from leeward.rehearsal.runner.single_rehearsal import CannotRehearse, rehearse
from leeward.state_machines.build import InvalidDocuments


@dataclass(frozen=True, slots=True)
class RehearsalWithLog:
    """The result of a rehearsal, and the path of its Lambda log."""

    rehearsal: RehearsalResult
    log: Path


def run_rehearsal(request: RehearsalRequest, view: ProgressView, pace: float | None) -> RehearsalWithLog:
    """Run the rehearsal and show its frames on `view`. Raises CliError when it can't start.

    `pace` is in virtual seconds per real second, or None for full speed.
    """
    with (
        pause_garbage_collection(),
        translate_rehearsal_errors(),
        lambda_output.capture_stdout() as log,
        ProgressWatcher(view, RehearsalPacer(pace) if pace else None) as watcher,
    ):
        rehearsal = _choose_rehearse_function(request)(
            scenario=request.scenario,
            seed=request.seed,
            run_input=request.run_input,
            on_frame=watcher,
            history_dir=request.history,
        )
    return RehearsalWithLog(rehearsal, lambda_output.write_log(log, request.project / rehearsal.history))


def _choose_rehearse_function(request: RehearsalRequest) -> Callable[..., RehearsalResult]:
    """Return the function that runs the rehearsal, from its trigger if it has one."""
    start = request.trigger
    if start is None:
        return partial(rehearse, request.project, request.application, request.runbook)
    from leeward.rehearsal.runner.trigger_rehearsal import RehearsalTrigger, rehearse_from_trigger  # noqa: PLC0415 - imports the simulation of templates

    trigger = RehearsalTrigger(start.trigger)
    return partial(
        rehearse_from_trigger, request.project, request.application, request.runbook, trigger, start.templates
    )


def run_rounds(request: RehearsalRequest, rounds: int, view: ProgressView, pace: float | None) -> RoundsResult:
    """Rehearse failover and failback `rounds` times. Otherwise like `run_rehearsal`."""
    with (
        translate_rehearsal_errors(),
        lambda_output.capture_stdout(),
        ProgressWatcher(view, RehearsalPacer(pace) if pace else None) as watcher,
    ):
        return rehearse_rounds(
            request.project,
            request.application,
            rounds,
            scenario=request.scenario,
            seed=request.seed,
            run_input=request.run_input,
            on_frame=watcher,
        )


def run_variants(request: RehearsalRequest, on_variant: Callable[[str, str], None]) -> VariantComparison:
    """Rehearse the incidents with every routing variant. Raises CliError when they can't start.

    Calls `on_variant` with the scenario and the variant before each rehearsal.
    """
    with pause_garbage_collection(), translate_rehearsal_errors(), lambda_output.capture_stdout():
        return compare_routing_variants(
            request.project, request.application, scenario=request.scenario, seed=request.seed, on_variant=on_variant
        )


@contextmanager
def translate_rehearsal_errors() -> Iterator[None]:
    """Raise CliError for invalid documents and for rehearsals that can't start."""
    try:
        yield
    except InvalidDocuments as invalid:
        show_problems(create_stderr_console(), invalid.problems)
        raise CliError(
            "the documents have errors: nothing was rehearsed", ["Correct the errors above, and run the command again"]
        ) from invalid
    except CannotRehearse as error:
        raise CliError(str(error)) from error
    except LookupError as error:
        if isinstance(error, KeyError | IndexError):
            raise  # a defect of Leeward: unknown names raise a plain LookupError
        raise CliError(str(error)) from error
