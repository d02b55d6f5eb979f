"""`leeward plan`: what a run will do, before it does it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.asked import choose_application, choose_runbook
from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.root import find_root
from leeward.cli.terminal import output

if TYPE_CHECKING:
    from leeward.state_machines.planning.measured import Measured
    from leeward.state_machines.tree import Ready

HELP = paragraphs(
    "Tell what a run will do: its steps, how long they take, what they touch, what it costs.",
    """Times are stated ones until runs have measured them: --journals reads those of the runs in your AWS account, with
    your own credentials. P50 is the median, P95 what nineteen of twenty runs stay below.""",
)
EPILOG = epilog(
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
    from leeward.state_machines.planning.plan import plan as planned  # noqa: PLC0415
    from leeward.state_machines.tree import ready_runbook  # noqa: PLC0415

    project = find_root(root)
    name = choose_application(project, application)
    ready = ready_runbook(project / "runbooks", name, choose_runbook(project, name, runbook))
    made = planned(ready, _measured(ready) if journals else None)
    if json:
        sys.stdout.write(made.model_dump_json(indent=2) + "\n")
    else:
        show_plan(output(), made)
    late = made.rto_p95_seconds is not None and made.rto_p95_seconds > made.rto_objective_seconds
    raise typer.Exit(ExitCode.FOUND if late else ExitCode.WELL)


def _measured(ready: Ready) -> Measured:
    from leeward.common import names  # noqa: PLC0415 - imports boto3
    from leeward.common.aws import client  # noqa: PLC0415
    from leeward.common.table import Table  # noqa: PLC0415
    from leeward.control.durations import of_steps  # noqa: PLC0415
    from leeward.state_machines.planning.measured import Measured  # noqa: PLC0415

    application = ready.application.application
    table = Table(client("dynamodb", ready.compiled.way.target), names.table(application))
    runs, steps = of_steps(table, application, ready.runbook.runbook)
    return Measured(f"the median of {runs} runs", steps)
