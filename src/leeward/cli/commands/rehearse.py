"""`leeward rehearse`: a runbook, whole, on the twin."""

from __future__ import annotations

import contextlib
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
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import can_redraw, create_stderr_console, create_stdout_console
from leeward.cli.runners.gc_pause import pause_garbage_collection

if TYPE_CHECKING:
    from leeward.rehearsal.results.result_models import RehearsalResult

HELP = join_paragraphs(
    "Rehearse a runbook, whole, on a simulated AWS.",
    """The state machine and the Lambdas are those that run on AWS; no AWS account is touched. The steps are shown live
    on the virtual clock; then come the verdict, the RTO and RPO measured against their objectives, and what the users
    saw.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward rehearse website failover",
        "leeward rehearse website failover --scenario region-dark --seed 8 --pace 60",
        "leeward rehearse website failover --json | jq .rto",
        "leeward rehearse website --rounds 3",
        "leeward rehearse ticketing --variants",
        "leeward rehearse website --trigger alarm",
    ],
    exit_codes=(
        "0 the run succeeded and every objective and invariant held; 1 the rehearsal ran but did not pass; "
        "2 the command was misused, or the documents are wrong; 130 interrupted."
    ),
)


def rehearse(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder of runbooks/.")],
    runbook: Annotated[
        str | None, typer.Argument(metavar="RUNBOOK", help="Default: failover, or the only one there is.")
    ] = None,
    *,
    scenario: Annotated[
        str | None,
        typer.Option(help="What goes wrong: a scenario of the application, or a file.", metavar="NAME|PATH"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same rehearsal, to the byte.")] = 7,
    accept_data_loss: Annotated[
        bool, typer.Option("--accept-data-loss", help="Go on although recovery points are older than the RPO.")
    ] = False,
    input_: Annotated[
        str | None, typer.Option("--input", metavar="JSON", help="The run's input, such as '{\"approve\": true}'.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why the run is started; kept in its journal.")] = None,
    pace: Annotated[
        float | None,
        typer.Option(metavar="N", help="Slow down to N virtual seconds per real second, for watching."),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Fail over and back this many times, and compare what is left each time."),
    ] = None,
    variants: Annotated[
        bool,
        typer.Option("--variants", help="Every incident under every variant of the routing; nobody starts a runbook."),
    ] = False,
    trigger: Annotated[
        TriggerKind | None,
        typer.Option(help="Begin with what starts the run, through the synthesised templates (make synth)."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The synthesised templates; default: build/cdk.out/APPLICATION-example."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the report, one HTML file, into this folder.")
    ] = None,
    history: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder to keep the history in.")] = None,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward rehearse APPLICATION [RUNBOOK]`: run it on the twin, show it, and hold it against its objectives."""
    require_extra("rehearse", command="rehearse")
    if report is not None:
        require_extra("report", command="rehearse --report")
    if pace is not None and not 0 < pace < math.inf:
        raise CliError(
            "--pace must be more than 0", ["For example: --pace 60 shows a minute of the rehearsal a second"]
        )
    if rounds is not None and (runbook is not None or history is not None):
        raise CliError(
            "--rounds goes without RUNBOOK and --history", ["For example: leeward rehearse website --rounds 3"]
        )
    if variants and any(given is not None for given in (runbook, rounds, trigger, history)):
        raise CliError(
            "--variants goes without RUNBOOK, --rounds, --trigger and --history",
            ["For example: leeward rehearse ticketing --variants"],
        )
    if rounds is not None and trigger is not None:
        raise CliError("--rounds goes without --trigger", ["For example: leeward rehearse website --trigger alarm"])
    project = find_project_root(root)
    application = resolve_application(project, application)
    started_by = resolve_trigger(project, application, trigger, templates)
    asked = RehearsalRequest(
        project=project,
        application=application,
        runbook=resolve_runbook(project, application, runbook or find_triggered_runbook(project, application, trigger)),
        trigger=started_by,
        scenario=resolve_scenario(project, application, scenario),
        seed=seed,
        run_input=build_run_input(input_, reason=reason, accept_data_loss=accept_data_loss),
        history=create_history_folder(history),
    )
    if variants:
        raise typer.Exit(_rehearse_variants(asked, json=json))
    raise typer.Exit(_rehearse(asked, pace, rounds, json=json, report=report))


def _rehearse_variants(request: RehearsalRequest, *, json: bool) -> ExitCode:
    console = create_stdout_console()
    patience = console.status("starting the twin ...") if can_redraw(console) and not json else contextlib.nullcontext()
    try:
        with patience as status, pause_garbage_collection():
            from leeward.cli.runners.rehearsal_runner import run_variants  # noqa: PLC0415
            from leeward.cli.screens.routing_variants import show_variants  # noqa: PLC0415

            def begins(scenario: str, variant: str) -> None:
                if status is not None:
                    status.update(f"{request.application}, {scenario}, routing {variant} ...")

            result = run_variants(request, begins)
    except KeyboardInterrupt:
        create_stderr_console().print("leeward: interrupted. No AWS account was touched: there is nothing to clean up.")
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
    patience = console.status("starting the twin ...") if can_redraw(console) and not json else contextlib.nullcontext()
    try:
        with (
            patience,
            pause_garbage_collection(),
        ):  # the twin takes seconds to import, and so is imported only when it is to run
            from leeward.cli.live_view.views import choose_view  # noqa: PLC0415
            from leeward.cli.runners.rehearsal_runner import run_rehearsal, run_rounds  # noqa: PLC0415
            from leeward.cli.screens.rehearsal_result.summary import show_rehearsal  # noqa: PLC0415
            from leeward.cli.screens.round_trips import show_rounds  # noqa: PLC0415
        view = choose_view(console, json=json)
        if rounds is not None:
            gone = run_rounds(request, rounds, view, pace)
            if json:
                sys.stdout.write(gone.model_dump_json(indent=2) + "\n")
            else:
                show_rounds(console, gone)
            if report is not None:
                _write_report(request.project, [run for each in gone.rounds for run in each.runs], report, json=json)
            return ExitCode.SUCCESS if gone.passed else ExitCode.ISSUES_FOUND
        rehearsed = run_rehearsal(request, view, pace)
    except KeyboardInterrupt:
        create_stderr_console().print("leeward: interrupted. No AWS account was touched: there is nothing to clean up.")
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
    """Write what was rehearsed as one HTML file, and say where; with --json on standard error."""
    from leeward.cli.project.project_root import format_path  # noqa: PLC0415
    from leeward.cli.run_evidence.report_file import write_report  # noqa: PLC0415 - only when it is to run
    from leeward.evidence.storage import load_evidence  # noqa: PLC0415

    kept = [load_evidence(project / result.evidence) for result in results if result.evidence]
    if not kept:
        create_stderr_console().print(
            "leeward: the run was refused in its first state: there is no journal to report on"
        )
        return
    first = results[0]
    trip = "round-trip" if len(results) > 1 else first.runbook
    path = write_report(kept, folder / f"{first.application}-{trip}-{first.scenario}-{first.seed}.html")
    (create_stderr_console() if json else create_stdout_console()).print(
        f"report   {format_path(path)}", soft_wrap=True
    )
