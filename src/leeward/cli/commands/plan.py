"""`leeward plan`: what a run will do, before it does it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.arguments.argument_resolution import resolve_application, resolve_runbook
from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import create_stdout_console

if TYPE_CHECKING:
    from leeward.state_machines.build import BuiltRunbook
    from leeward.state_machines.planning.measured_durations import MeasuredDurations

HELP = join_paragraphs(
    "Tell what a run will do: its steps, how long they take, what they touch, what it costs.",
    """Times are stated ones until runs have measured them: --journals reads those of the runs in your AWS account, with
    your own credentials. P50 is the median, P95 what nineteen of twenty runs stay below.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward plan website failover",
        "leeward plan website failback --journals",
        "leeward plan website --json",
    ],
    exit_codes="0 the plan keeps to the objective; 1 its P95 exceeds the RTO; 2 the command was misused.",
)


def plan(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder of runbooks/.")],
    runbook: Annotated[
        str | None, typer.Argument(metavar="RUNBOOK", help="Default: failover, or the only one there is.")
    ] = None,
    *,
    journals: Annotated[bool, typer.Option("--journals", help="Take the times from the journals in AWS.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward plan APPLICATION [RUNBOOK]`."""
    from leeward.cli.screens.plan import show_plan  # noqa: PLC0415 - imports the compiler
    from leeward.state_machines.build import build_runbook  # noqa: PLC0415
    from leeward.state_machines.planning.run_plan import plan_run as planned  # noqa: PLC0415

    project = find_project_root(root)
    name = resolve_application(project, application)
    ready = build_runbook(project / "runbooks", name, resolve_runbook(project, name, runbook))
    made = planned(ready, _read_measured_times(ready) if journals else None)
    if json:
        sys.stdout.write(made.model_dump_json(indent=2) + "\n")
    else:
        show_plan(create_stdout_console(), made)
    late = made.rto_p95_seconds is not None and made.rto_p95_seconds > made.rto_objective_seconds
    raise typer.Exit(ExitCode.ISSUES_FOUND if late else ExitCode.SUCCESS)


def _read_measured_times(ready: BuiltRunbook) -> MeasuredDurations:
    from leeward.common.aws.clients import client  # noqa: PLC0415
    from leeward.common.aws.state_table import StateTable  # noqa: PLC0415
    from leeward.common.naming import resource_names  # noqa: PLC0415 - imports boto3
    from leeward.control.run.step_durations import measure_steps  # noqa: PLC0415
    from leeward.state_machines.planning.measured_durations import MeasuredDurations  # noqa: PLC0415

    application = ready.application.application
    table = StateTable(client("dynamodb", ready.compiled.run_regions.target), resource_names.table_name(application))
    runs, steps = measure_steps(table, application, ready.runbook.runbook)
    return MeasuredDurations(f"the median of {runs} runs", steps)
