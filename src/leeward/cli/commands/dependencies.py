"""`leeward dependencies`: find out which AWS services a run needs, by failing each of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from leeward.base.installation.extras import require_extra
from leeward.cli.arguments.argument_resolution import resolve_application, resolve_runbook
from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import announce_twin, create_stderr_console, create_stdout_console
from leeward.cli.runners.gc_pause import pause_garbage_collection

HELP = join_paragraphs(
    "Find out which AWS services a run needs, by failing each of them on the twin.",
    """The command runs the runbook without faults. Then each service that its functions call fails in each Region, with
    server errors: in one trial for the whole run, in another for its first 20 minutes. The run is approved beforehand.
    An operator answers each question with retry while the outage can end, and otherwise retries once and then skips. A
    run that stops in the 20 minutes is resumed after them.""",
    """A service is required if a trial doesn't reach the goal without resuming. It delays the run if a trial takes at
    least a minute longer. The times are those of the default scenario. Of Lambda, the invocations fail too. Other
    services that AWS calls for the run, such as Step Functions or KMS, fail in no trial.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward dependencies website failover",
        "leeward dependencies website failover --service sns --region us-west-2",
        "leeward dependencies ticketing drill --json | jq '.dependencies[] | select(.requirement == \"required\")'",
    ],
    exit_codes=(
        "0 the table was computed; 2 invalid usage, the documents have errors, or the run fails without an outage; "
        "130 interrupted."
    ),
)


def dependencies(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder in runbooks/.")],
    runbook: Annotated[
        str | None, typer.Argument(metavar="RUNBOOK", help="Default: failover, or the only runbook.")
    ] = None,
    *,
    service: Annotated[str | None, typer.Option(metavar="SERVICE", help="Fail only this service, such as drs.")] = None,
    region: Annotated[str | None, typer.Option(metavar="REGION", help="Fail services only in this Region.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same table.")] = 7,
    jobs: Annotated[int | None, typer.Option(min=1, max=256, help="Parallel processes. Default: one per CPU.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")
    ] = None,
) -> None:
    """Compute the dependencies of a runbook."""
    require_extra("rehearse", command="dependencies")
    project = find_project_root(root)
    application = resolve_application(project, application)
    runbook = resolve_runbook(project, application, runbook)
    console = create_stdout_console()
    try:
        with announce_twin(console, json=json), pause_garbage_collection():
            from leeward.cli.runners.dependency_runner import run_dependencies  # noqa: PLC0415
            from leeward.cli.screens.dependencies import show_dependencies  # noqa: PLC0415
            from leeward.rehearsal.dependencies.dependency_runner import DependencyRequest  # noqa: PLC0415
        request = DependencyRequest(
            project, application, runbook, seed, service=service, region=region, jobs=jobs or os.cpu_count() or 1
        )
        table = run_dependencies(request, show_progress=not json)
    except KeyboardInterrupt:
        create_stderr_console().print("leeward: interrupted. No table was written.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if json:
        sys.stdout.write(table.model_dump_json(indent=2) + "\n")
    else:
        show_dependencies(console, table)
    raise typer.Exit(ExitCode.SUCCESS)
