"""`leeward rehearse`: run a runbook on the twin, and compare the result with its objectives."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.base.installation.extras import require_extra
from leeward.cli.arguments.argument_resolution import (
    RehearsalRequest,
    create_history_folder,
    resolve_application,
    resolve_runbook,
    resolve_scenario,
)
from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.arguments.run_input import build_run_input
from leeward.cli.arguments.trigger_options import TriggerKind, find_triggered_runbook, resolve_trigger
from leeward.cli.draws.draws_command import DrawsOptions, check_draws_options, run_draws_command
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import announce_twin, create_stderr_console, create_stdout_console
from leeward.cli.runners.gc_pause import pause_garbage_collection

if TYPE_CHECKING:
    from leeward.rehearsal.results.result_models import RehearsalResult

HELP = join_paragraphs(
    "Rehearse a runbook on a simulated AWS.",
    """The rehearsal runs the same state machine and Lambda functions as on AWS, and uses no AWS account. You see the
    steps live on the virtual clock. Then you get the verdict, the measured RTO and RPO with their objectives, and the
    requests that failed for users.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward rehearse website failover",
        "leeward rehearse website failover --scenario region-dark --seed 8 --pace 60",
        "leeward rehearse website failover --json | jq .rto",
        "leeward rehearse website --rounds 3",
        "leeward rehearse website failover --draws 20",
        "leeward rehearse ticketing --variants",
        "leeward rehearse website --trigger alarm",
    ],
    exit_codes=(
        "0 the run succeeded, met its objectives, and broke no invariant (with --draws: every run, and the objectives "
        "hold at p95); 1 the rehearsal did not pass; 2 invalid usage, or the documents have errors; 130 interrupted."
    ),
)


def rehearse(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder in runbooks/.")],
    runbook: Annotated[
        str | None, typer.Argument(metavar="RUNBOOK", help="Default: failover, or the only runbook.")
    ] = None,
    *,
    scenario: Annotated[
        str | None,
        typer.Option(help="The scenario to play: a name or a file.", metavar="NAME|PATH"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same rehearsal.")] = 7,
    accept_data_loss: Annotated[
        bool, typer.Option("--accept-data-loss", help="Continue if recovery points exceed the RPO.")
    ] = False,
    input_: Annotated[
        str | None, typer.Option("--input", metavar="JSON", help="The run's input, such as '{\"approve\": true}'.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Your reason, for the journal.")] = None,
    pace: Annotated[
        float | None,
        typer.Option(metavar="N", help="Slow down to N virtual seconds per real second."),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            min=1, max=100, help="Fail over and fail back this many times, and compare the state after each round."
        ),
    ] = None,
    variants: Annotated[
        bool,
        typer.Option("--variants", help="Play every incident with every routing variant, and start no runbook."),
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1000,
            metavar="N",
            help="Rehearse with N seeds, from --seed on, and show p50, p95, and the maximum.",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, help="Parallel processes of --draws. Default: one per CPU.")
    ] = None,
    trigger: Annotated[
        TriggerKind | None,
        typer.Option(help="Start the run from its trigger, as deployed by the templates of `make synth`."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The synthesized templates. Default: build/cdk.out/APPLICATION-example."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the HTML report to this folder.")] = None,
    history: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the history to this folder.")] = None,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")
    ] = None,
) -> None:
    """Rehearse a runbook once or with many seeds, several rounds, or every routing variant."""
    require_extra("rehearse", command="rehearse")
    if report is not None:
        require_extra("report", command="rehearse --report")
    if pace is not None and not 0 < pace < math.inf:
        raise CliError(
            "--pace must be more than 0", ["For example: --pace 60 shows one minute of the rehearsal per second"]
        )
    if rounds is not None and (runbook is not None or history is not None):
        raise CliError(
            "--rounds can't be combined with RUNBOOK or --history", ["For example: leeward rehearse website --rounds 3"]
        )
    if variants and any(option is not None for option in (runbook, rounds, trigger, history)):
        raise CliError(
            "--variants can't be combined with RUNBOOK, --rounds, --trigger, or --history",
            ["For example: leeward rehearse ticketing --variants"],
        )
    if rounds is not None and trigger is not None:
        raise CliError(
            "--rounds can't be combined with --trigger", ["For example: leeward rehearse website --trigger alarm"]
        )
    check_draws_options(
        draws,
        jobs,
        has_rounds=rounds is not None,
        has_pace=pace is not None,
        has_variant_report=variants and bool(report),
    )
    project = find_project_root(root)
    application = resolve_application(project, application)
    triggered_start = resolve_trigger(project, application, trigger, templates)
    request = RehearsalRequest(
        project=project,
        application=application,
        runbook=resolve_runbook(project, application, runbook or find_triggered_runbook(project, application, trigger)),
        trigger=triggered_start,
        scenario=resolve_scenario(project, application, scenario),
        seed=seed,
        run_input=build_run_input(input_, reason=reason, accept_data_loss=accept_data_loss),
        history=create_history_folder(history),
    )
    if draws is not None:
        raise typer.Exit(
            run_draws_command(request, DrawsOptions(draws, jobs, root, report), variants=variants, json=json)
        )
    if variants:
        raise typer.Exit(_rehearse_variants(request, json=json))
    raise typer.Exit(_rehearse(request, pace, rounds, json=json, report=report))


def _rehearse_variants(request: RehearsalRequest, *, json: bool) -> ExitCode:
    console = create_stdout_console()
    try:
        with announce_twin(console, json=json) as status, pause_garbage_collection():
            from leeward.cli.runners.rehearsal_runner import run_variants  # noqa: PLC0415
            from leeward.cli.screens.routing_variants import show_variants  # noqa: PLC0415

            def show_variant(scenario: str, variant: str) -> None:
                if status is not None:
                    status.update(f"{request.application}, {scenario}, routing {variant} ...")

            result = run_variants(request, show_variant)
    except KeyboardInterrupt:
        create_stderr_console().print(
            "leeward: interrupted. No AWS account was touched, so there is nothing to clean up."
        )
        return ExitCode.INTERRUPTED
    if json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        show_variants(console, result)
    return ExitCode.SUCCESS if result.passed else ExitCode.ISSUES_FOUND


def _rehearse(
    request: RehearsalRequest, pace: float | None, rounds: int | None, *, json: bool, report: Path | None
) -> ExitCode:
    console = create_stdout_console()
    try:
        with announce_twin(console, json=json), pause_garbage_collection():
            from leeward.cli.live_view.views import choose_view  # noqa: PLC0415
            from leeward.cli.runners.rehearsal_runner import run_rehearsal, run_rounds  # noqa: PLC0415
            from leeward.cli.screens.rehearsal_result.summary import show_rehearsal  # noqa: PLC0415
            from leeward.cli.screens.round_trips import show_rounds  # noqa: PLC0415
        view = choose_view(console, json=json)
        if rounds is not None:
            rounds_result = run_rounds(request, rounds, view, pace)
            if json:
                sys.stdout.write(rounds_result.model_dump_json(indent=2) + "\n")
            else:
                show_rounds(console, rounds_result)
            if report is not None:
                _write_report(
                    request.project, [run for each in rounds_result.rounds for run in each.runs], report, json=json
                )
            return ExitCode.SUCCESS if rounds_result.passed else ExitCode.ISSUES_FOUND
        rehearsed = run_rehearsal(request, view, pace)
    except KeyboardInterrupt:
        create_stderr_console().print(
            "leeward: interrupted. No AWS account was touched, so there is nothing to clean up."
        )
        return ExitCode.INTERRUPTED
    result = rehearsed.rehearsal
    if json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        show_rehearsal(
            console,
            result,
            root=request.project,
            log=rehearsed.log,
            repeat_command=shlex.join(["leeward", *sys.argv[1:]]),
        )
    if report is not None:
        _write_report(request.project, [result], report, json=json)
    return ExitCode.SUCCESS if result.passed else ExitCode.ISSUES_FOUND


def _write_report(project: Path, results: Sequence[RehearsalResult], folder: Path, *, json: bool) -> None:
    """Write one HTML report of all results, and print its path. With --json, print to standard error."""
    from leeward.cli.run_evidence.report_file import print_report_path, write_report  # noqa: PLC0415 - slow to import
    from leeward.evidence.storage import load_evidence  # noqa: PLC0415

    evidence = [load_evidence(project / result.evidence) for result in results if result.evidence]
    if not evidence:
        create_stderr_console().print(
            "leeward: the run was rejected in its first state, so there is no journal to report on"
        )
        return
    first = results[0]
    name = "round-trip" if len(results) > 1 else first.runbook
    file_name = f"{first.application}-{name}-{first.scenario}-{first.seed}.html"
    path = write_report(evidence, folder / file_name, project)
    print_report_path(path, json=json)
