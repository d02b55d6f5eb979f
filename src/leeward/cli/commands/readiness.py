"""`leeward readiness`: would a failover that is started now succeed, and in what time?"""

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
    "Tell whether a run that is started now would succeed.",
    """Replication, launch settings, quotas, routing controls, records, load balancers, certificates, what is deployed,
    the lock and the last drill are looked at in your AWS account, with your own credentials; nothing is changed. What
    could not be looked at is shown as unknown, never as well. Every finding names its fix.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward readiness website",
        "leeward readiness website failback",
        "leeward readiness --json | jq .[].verdict",
    ],
    exit_codes="0 everything looked at is well; 1 something is not, or is not known; 2 the command was misused.",
)


def readiness(
    application: Annotated[
        str | None, typer.Argument(metavar="[APPLICATION]", help="A folder of runbooks/; default: all of them.")
    ] = None,
    runbook: Annotated[str | None, typer.Argument(metavar="[RUNBOOK]", help="Default: failover.")] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    functions: Annotated[
        str | None, typer.Option(metavar="PREFIX", help="What the functions' names begin with, if not as deployed.")
    ] = None,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward readiness [APPLICATION] [RUNBOOK]`."""
    found = [
        _evaluate_readiness(ready, every, functions)
        for ready, every in _choose_runbooks(root, application, runbook or "failover")
    ]
    if json:
        sys.stdout.write("[" + ",\n".join(one.model_dump_json(indent=2) for one in found) + "]\n")
    else:
        from leeward.cli.screens.readiness import show_readiness  # noqa: PLC0415 - imports the checks

        for one in found:
            show_readiness(create_stdout_console(), one)
    raise typer.Exit(ExitCode.ISSUES_FOUND if any(one.reasons for one in found) else ExitCode.SUCCESS)


def _choose_runbooks(
    root: Path | None, application: str | None, runbook: str
) -> list[tuple[BuiltRunbook, list[BuiltRunbook]]]:
    """The runbooks to look at, each with all of its application's."""
    from leeward.state_machines.build import build_runbooks  # noqa: PLC0415 - only when it is to run

    every = build_runbooks(find_project_root(root) / "runbooks")
    names = sorted({ready.application.application for ready in every})
    wanted = (
        names if application is None else [require_existing_name("application", application, names, place="runbooks/")]
    )
    chosen = []
    for name in wanted:
        own = [ready for ready in every if ready.application.application == name]
        found = [ready for ready in own if ready.runbook.runbook == runbook]
        if not found and application is not None:
            there = ", ".join(ready.runbook.runbook for ready in own)
            raise CliError(f"{name} has no runbook {runbook}", [f"Its runbooks are: {there}"])
        chosen += [(ready, own) for ready in found]
    return chosen


def _evaluate_readiness(ready: BuiltRunbook, siblings: list[BuiltRunbook], functions: str | None) -> ReadinessReport:
    from leeward.common.naming import resource_names  # noqa: PLC0415 - these import boto3
    from leeward.readiness.evaluation import evaluate_readiness  # noqa: PLC0415
    from leeward.readiness.model.check_clients import CheckClients  # noqa: PLC0415
    from leeward.readiness.model.readiness_input import ReadinessInput  # noqa: PLC0415
    from leeward.state_machines.deployment.readiness_event import build_readiness_input  # noqa: PLC0415

    application, region = ready.application.application, ready.compiled.run_regions.target
    topic = f"arn:aws:sns:{region}:{ready.application.account}:{resource_names.topic_name(application)}"
    asked = ReadinessInput.model_validate(build_readiness_input(ready, siblings) | {"functions": functions})
    return evaluate_readiness(
        asked, CheckClients(region, resource_names.table_name(application), topic, datetime.now(UTC))
    )
