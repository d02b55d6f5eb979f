"""`leeward readiness`: check whether a run would succeed now, and how long it would take."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.arguments.name_suggestions import require_existing_name
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import create_stdout_console

if TYPE_CHECKING:
    from leeward.readiness.model.findings import ReadinessReport
    from leeward.state_machines.build import BuiltRunbook

HELP = join_paragraphs(
    "Check whether a run would succeed if you started it now.",
    """The command checks replication, launch settings, quotas, routing controls, records, load balancers, certificates,
    the deployment, the lock, and the last drill in your AWS account. It uses your credentials and changes nothing. A
    check that can't read its data is unknown, not ok. Every finding says what to fix.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward readiness website",
        "leeward readiness website failback",
        "leeward readiness --json | jq .[].verdict",
    ],
    exit_codes="0 every check passed; 1 a check failed or is unknown; 2 invalid usage.",
)


def readiness(
    application: Annotated[
        str | None, typer.Argument(metavar="[APPLICATION]", help="A folder in runbooks/. Default: all.")
    ] = None,
    runbook: Annotated[str | None, typer.Argument(metavar="[RUNBOOK]", help="Default: failover.")] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
    functions: Annotated[
        str | None,
        typer.Option(metavar="PREFIX", help="The prefix of the function names, if it differs from the default."),
    ] = None,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")
    ] = None,
) -> None:
    """Print the readiness report of each chosen runbook."""
    reports = [
        _evaluate_readiness(built, siblings, functions)
        for built, siblings in _choose_runbooks(root, application, runbook or "failover")
    ]
    if json:
        sys.stdout.write("[" + ",\n".join(report.model_dump_json(indent=2) for report in reports) + "]\n")
    else:
        from leeward.cli.screens.readiness import show_readiness  # noqa: PLC0415 - imports the checks
        from leeward.evidence.dependencies.table_files import read_current_table  # noqa: PLC0415 - slow to import

        project = find_project_root(root)
        for report in reports:
            table = read_current_table(project, report.application, report.runbook)
            show_readiness(create_stdout_console(), report, table)
    raise typer.Exit(ExitCode.ISSUES_FOUND if any(report.reasons for report in reports) else ExitCode.SUCCESS)


def _choose_runbooks(
    root: Path | None, application: str | None, runbook: str
) -> list[tuple[BuiltRunbook, list[BuiltRunbook]]]:
    """Return each runbook to check, with all runbooks of its application."""
    from leeward.state_machines.build import build_runbooks  # noqa: PLC0415 - slow to import

    runbooks = build_runbooks(find_project_root(root) / "runbooks")
    names = sorted({built.application.application for built in runbooks})
    wanted = (
        names if application is None else [require_existing_name("application", application, names, place="runbooks/")]
    )
    chosen = []
    for name in wanted:
        own = [built for built in runbooks if built.application.application == name]
        matching = [built for built in own if built.runbook.runbook == runbook]
        if not matching and application is not None:
            existing = ", ".join(built.runbook.runbook for built in own)
            raise CliError(f"{name} has no runbook {runbook}", [f"Its runbooks are: {existing}"])
        chosen += [(built, own) for built in matching]
    return chosen


def _evaluate_readiness(built: BuiltRunbook, siblings: list[BuiltRunbook], functions: str | None) -> ReadinessReport:
    from leeward.common.naming import resource_names  # noqa: PLC0415 - these import boto3
    from leeward.readiness.evaluation import evaluate_readiness  # noqa: PLC0415
    from leeward.readiness.model.check_clients import CheckClients  # noqa: PLC0415
    from leeward.readiness.model.readiness_input import ReadinessInput  # noqa: PLC0415
    from leeward.state_machines.deployment.readiness_event import build_readiness_input  # noqa: PLC0415

    application, region = built.application.application, built.compiled.run_regions.target
    topic = f"arn:aws:sns:{region}:{built.application.account}:{resource_names.topic_name(application)}"
    readiness_input = ReadinessInput.model_validate(build_readiness_input(built, siblings) | {"functions": functions})
    return evaluate_readiness(
        readiness_input, CheckClients(region, resource_names.table_name(application), topic, datetime.now(UTC))
    )
