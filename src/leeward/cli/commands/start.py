"""`leeward start`: start a run and sign the start."""

from __future__ import annotations

from typing import Annotated

import typer

from leeward.cli.arguments.argument_resolution import resolve_runbook
from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.arguments.run_input import build_run_input
from leeward.cli.commands.status import run_to_json
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import (
    JsonOption,
    OperatorSession,
    print_json,
    translate_operation_errors,
)
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.shell_completion import cache_run_ids, complete_applications, complete_runbooks
from leeward.cli.rendering.terminal import create_stdout_console

HELP = join_paragraphs(
    "Start a runbook in its target Region.",
    """The command signs the start with your AWS identity. If the runbook requires two-person approval, someone else
    must approve the run. If you start the same --name with the same input again, you get the same run.""",
)
EPILOG = build_epilog(
    examples=[
        """leeward start website failover --reason "us-east-1 is unavailable" --incident-at 2026-03-01T09:00:00Z""",
        """leeward start website drill --input '{"skip": ["Tell the team"]}'""",
        "leeward start website failover --twin",
    ],
    exit_codes="0 started; 1 rejected; 2 invalid usage; 69 the Region did not respond; 77 AWS denied access.",
)


@with_operator_session(omit_options=("region",))
def start(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", autocompletion=complete_applications)],
    runbook: Annotated[str | None, typer.Argument(metavar="[RUNBOOK]", autocompletion=complete_runbooks)] = None,
    *,
    session: OperatorSession,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Your reason, shown to the approver.")] = None,
    incident_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the incident began, with a time zone.")
    ] = None,
    input_: Annotated[str | None, typer.Option("--input", metavar="JSON", help="More keys of the run's input.")] = None,
    name: Annotated[str | None, typer.Option(help="The execution name. Default: the current time.")] = None,
    json: JsonOption = False,
) -> None:
    """Start a run and sign the start."""
    from leeward.operations.run_control import (  # noqa: PLC0415
        sign_start,
        start_run,
    )
    from leeward.state_machines.application.run_direction import RunRegions  # noqa: PLC0415

    with translate_operation_errors():
        document = session.load_application(application)
        chosen = resolve_runbook(session.project, application, runbook)
        regions = RunRegions.from_direction(document.regions, session.load_runbook(application, chosen).direction)
        members = build_run_input(input_, reason=reason, accept_data_loss=False)
        if incident_at is not None:
            members["incident_at"] = incident_at
        started = start_run(
            session.aws,
            application,
            chosen,
            account=document.account,
            region=regions.target,
            origin=regions.origin,
            run_input=members,
            name=name,
        )
        unsigned = sign_start(session.aws, started)
    cache_run_ids([started.record.run], [])
    if json:
        print_json(run_to_json(started) | {"signed": unsigned is None, "unsigned_because": unsigned})
    else:
        create_stdout_console().print(
            f"{started.record.run}: started, {regions.origin} -> {regions.target}", soft_wrap=True
        )
        if unsigned is not None:
            warning = (
                f"Not signed: {unsigned}. "
                "If the runbook requires two-person approval, two operators must approve this run."
            )
            create_stdout_console().print(warning, style="warning", soft_wrap=True)
        create_stdout_console().print(f"leeward watch {started.record.run}", style="quiet", soft_wrap=True)
    raise typer.Exit(ExitCode.SUCCESS)
