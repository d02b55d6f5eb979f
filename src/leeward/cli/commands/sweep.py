"""`leeward sweep`: rehearse a runbook many times, each time with another injected fault."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from leeward.base.installation.extras import require_extra
from leeward.cli.arguments.argument_resolution import resolve_application
from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.arguments.name_suggestions import require_existing_name
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root, list_runbooks
from leeward.cli.rendering.terminal import announce_twin, create_stderr_console, create_stdout_console
from leeward.cli.runners.gc_pause import pause_garbage_collection

HELP = join_paragraphs(
    "Inject faults into a runbook, one at a time, and check how each run ends.",
    """The command first runs the runbook without faults. Then it runs a trial for each way in which each AWS call,
    Lambda invocation, state, Region, and the operator can fail. Of the outages of services and of the errors of
    invocations, it draws a part. Each trial must keep the invariants. If its run doesn't succeed, the recovery must
    reach the goal.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward sweep website failover --quick",
        "leeward sweep website --minutes 30",
        "leeward sweep website --jobs 4",
        "leeward sweep website failover --resume",
        "leeward sweep website failover --only call:17:answer-lost",
        "leeward sweep website failover --after call:60:denied",
    ],
    exit_codes=(
        "0 all trials passed or failed in a known way; 1 other trials failed; 2 invalid usage, or the documents have "
        "errors; 130 interrupted: continue with --resume."
    ),
)


def sweep(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder in runbooks/.")],
    runbook: Annotated[str | None, typer.Argument(metavar="RUNBOOK", help="Default: all runbooks.")] = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Run a small random sample, which takes about a minute.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option(metavar="FAULT", help="Inject only this fault, such as call:17:answer-lost, or two joined by +."),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(metavar="FAULT", help="After this fault, inject each fault into each later call."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same faults in the same order.")] = 7,
    jobs: Annotated[int | None, typer.Option(min=1, max=256, help="Parallel processes. Default: one per CPU.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Run at most N trials per runbook.")] = None,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="N", help="Try single faults, drawn by class and kind of step, for N minutes."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an interrupted sweep.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")
    ] = None,
) -> None:
    """Sweep one runbook, or all runbooks of an application."""
    require_extra("rehearse", command="sweep")
    if only is not None and after is not None:
        raise CliError("--only and --after can't be combined: give one of the two")
    if minutes is not None and (quick or only is not None or after is not None):
        raise CliError("--minutes can't be combined with --quick, --only, or --after: it draws its own faults")
    project = find_project_root(root)
    application = resolve_application(project, application)
    existing = list_runbooks(project, application)
    place = f"runbooks/{application}/"
    names = existing if runbook is None else [require_existing_name("runbook", runbook, existing, place=place)]
    console = create_stdout_console()
    try:
        with announce_twin(console, json=json), pause_garbage_collection():
            from leeward.cli.runners.sweep_runner import sweep_runbook  # noqa: PLC0415
            from leeward.cli.screens.sweep import show_sweep, show_total  # noqa: PLC0415
            from leeward.rehearsal.sweep.sweep_runner import SweepOptions  # noqa: PLC0415
        options = SweepOptions(
            quick=quick,
            only=only,
            after=after,
            jobs=jobs or os.cpu_count() or 1,
            resume=resume,
            limit=limit,
            minutes=None if minutes is None else minutes / len(names),
        )
        reports = []
        for name in names:
            reports.append(sweep_runbook(project, application, name, seed, options, show_progress=not json))
            if not json:
                show_sweep(console, reports[-1])
    except KeyboardInterrupt:
        create_stderr_console().print("leeward: interrupted. The results so far are saved. To continue, use --resume.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if json:
        sys.stdout.write("[" + ",\n".join(report.model_dump_json(indent=2) for report in reports) + "]\n")
    elif len(reports) > 1:
        show_total(console, reports)
    raise typer.Exit(ExitCode.SUCCESS if all(report.passed for report in reports) else ExitCode.ISSUES_FOUND)
