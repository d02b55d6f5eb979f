"""`leeward plan`: show what a run would do, how long it would take, and what it would cost."""

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
    from leeward.state_machines.planning.estimates.measured_durations import MeasuredDurations

HELP = join_paragraphs(
    "Show a run's steps with their expected times, the resources they change, and the costs.",
    """By default, times are estimates. With --journals, the command uses the measured times of the runs in your AWS
    account, and reads them with your credentials. P50 is the median. P95 is the time that 95 % of runs don't
    exceed.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward plan website failover",
        "leeward plan website failback --journals",
        "leeward plan website --json",
    ],
    exit_codes="0 the plan meets the RTO; 1 its P95 exceeds the RTO; 2 invalid usage.",
)


def plan(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder in runbooks/.")],
    runbook: Annotated[
        str | None, typer.Argument(metavar="RUNBOOK", help="Default: failover, or the only runbook.")
    ] = None,
    *,
    journals: Annotated[bool, typer.Option("--journals", help="Use the times in the journals in AWS.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project root. Default: searched upwards.")
    ] = None,
) -> None:
    """Print the plan of a runbook."""
    from leeward.cli.screens.plan import show_plan  # noqa: PLC0415 - imports the compiler
    from leeward.state_machines.build import build_runbook  # noqa: PLC0415
    from leeward.state_machines.planning.run_plan import plan_run  # noqa: PLC0415

    project = find_project_root(root)
    name = resolve_application(project, application)
    built = build_runbook(project / "runbooks", name, resolve_runbook(project, name, runbook))
    run_plan = plan_run(built, _read_measured_times(built) if journals else None)
    if json:
        sys.stdout.write(run_plan.model_dump_json(indent=2) + "\n")
    else:
        show_plan(create_stdout_console(), run_plan)
    exceeds_rto = run_plan.rto_p95_seconds is not None and run_plan.rto_p95_seconds > run_plan.rto_objective_seconds
    raise typer.Exit(ExitCode.ISSUES_FOUND if exceeds_rto else ExitCode.SUCCESS)


def _read_measured_times(built: BuiltRunbook) -> MeasuredDurations:
    from leeward.common.aws.clients import client  # noqa: PLC0415
    from leeward.common.aws.tables.state_table import StateTable  # noqa: PLC0415
    from leeward.common.naming import resource_names  # noqa: PLC0415 - imports boto3
    from leeward.control.run.step_durations import measure_steps  # noqa: PLC0415
    from leeward.state_machines.planning.estimates.measured_durations import MeasuredDurations  # noqa: PLC0415

    application = built.application.application
    table = StateTable(client("dynamodb", built.compiled.run_regions.target), resource_names.table_name(application))
    runs, steps = measure_steps(table, application, built.runbook.runbook)
    return MeasuredDurations(f"the median of {runs} runs", steps)
