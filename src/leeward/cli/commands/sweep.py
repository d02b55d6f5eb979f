"""`leeward sweep`: a runbook again and again on the twin, each time with one thing broken."""

from __future__ import annotations

import contextlib
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
from leeward.cli.rendering.terminal import can_redraw, create_stderr_console, create_stdout_console
from leeward.cli.runners.gc_pause import pause_garbage_collection

HELP = join_paragraphs(
    "Break every call of a runbook, one at a time, and show that each run ends well.",
    """The runbook runs once with nothing broken; then once for each way in which each of its AWS calls, its Lambda
    invocations, its states, its Regions and its operator can fail. Each broken run must end as promised, and where it
    did not succeed, running it again must reach the goal.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward sweep website failover --quick",
        "leeward sweep website --jobs 4",
        "leeward sweep website failover --resume",
        "leeward sweep website failover --only call:17:answer-lost",
        "leeward sweep website failover --after call:60:denied",
    ],
    exit_codes=(
        "0 every broken run ended well; 1 some did not; 2 the command was misused, or the documents are wrong; "
        "130 interrupted: go on with --resume."
    ),
)


def sweep(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder of runbooks/.")],
    runbook: Annotated[str | None, typer.Argument(metavar="RUNBOOK", help="Default: every one there is.")] = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="A small part, drawn by the seed: a minute, not an hour.")
    ] = False,
    only: Annotated[
        str | None, typer.Option(metavar="FAULT", help="One case alone, such as call:17:answer-lost, or two with a +.")
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(metavar="FAULT", help="Break, in its turn and in every way, each call that follows this fault."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed breaks the same things in the same order.")] = 7,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes side by side; default: one for each processor.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most N broken runs of each runbook.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier sweep was cut short.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward sweep APPLICATION [RUNBOOK]`: break it in every way, and judge how it ends."""
    require_extra("rehearse", command="sweep")
    if only is not None and after is not None:
        raise CliError("--only is one case and --after the calls that follow one fault: give one of the two")
    project = find_project_root(root)
    application = resolve_application(project, application)
    existing = list_runbooks(project, application)
    place = f"runbooks/{application}/"
    names = existing if runbook is None else [require_existing_name("runbook", runbook, existing, place=place)]
    console = create_stdout_console()
    patience = console.status("starting the twin ...") if can_redraw(console) and not json else contextlib.nullcontext()
    try:
        with (
            patience,
            pause_garbage_collection(),
        ):  # the twin takes seconds to import, and so is imported only when it is to run
            from leeward.cli.runners.sweep_runner import sweep_runbook  # noqa: PLC0415
            from leeward.cli.screens.sweep import show_sweep, show_total  # noqa: PLC0415
            from leeward.rehearsal.sweep.sweep_runner import SweepOptions  # noqa: PLC0415
        options = SweepOptions(quick, only, after, jobs=jobs or os.cpu_count() or 1, resume=resume, limit=limit)
        reports = []
        for name in names:
            reports.append(sweep_runbook(project, application, name, seed, options, show_progress=not json))
            if not json:
                show_sweep(console, reports[-1])
    except KeyboardInterrupt:
        create_stderr_console().print("leeward: interrupted. What was found is kept: go on with --resume.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if json:
        sys.stdout.write("[" + ",\n".join(report.model_dump_json(indent=2) for report in reports) + "]\n")
    elif len(reports) > 1:
        show_total(console, reports)
    raise typer.Exit(ExitCode.SUCCESS if all(report.passed for report in reports) else ExitCode.ISSUES_FOUND)
