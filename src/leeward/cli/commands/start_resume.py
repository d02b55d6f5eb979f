"""`leeward start` and `leeward resume`."""

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
    RunArgument,
    print_json,
    translate_operation_errors,
)
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.shell_completion import cache_run_ids, complete_applications, complete_runbooks
from leeward.cli.rendering.terminal import create_stdout_console

START_HELP = join_paragraphs(
    "Start a runbook in the Region that it enters.",
    """You sign that you started it: where the runbook wants two people, another one must approve. The same --name with
    the same input is the same run, however often it is started.""",
)
START_EPILOG = build_epilog(
    examples=[
        """leeward start website failover --reason "us-east-1 does not answer" --incident-at 2026-03-01T09:00:00Z""",
        """leeward start website drill --input '{"skip": ["Tell the team"]}'""",
        "leeward start website failover --twin",
    ],
    exit_codes="0 it was started; 1 refused; 2 misused; 69 the Region does not answer; 77 AWS refused.",
)
RESUME_HELP = join_paragraphs(
    "Let a run go on that failed, was stopped or ran out of time: at the step that did not succeed.",
    """What was done is not done again. A run that had let its lock go takes it again, or is refused while another run
    holds it. What was taken back can't be resumed: start it anew. Possible for 14 days.""",
)
RESUME_EPILOG = build_epilog(
    examples=["leeward resume website.failover.20260301-090000", "leeward resume 090000 --twin"],
    exit_codes="0 it goes on; 1 refused, with the reason; 2 no such run; 69 no answer; 77 AWS refused.",
)


@with_operator_session(omit_options=("region",))
def start(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", autocompletion=complete_applications)],
    runbook: Annotated[str | None, typer.Argument(metavar="[RUNBOOK]", autocompletion=complete_runbooks)] = None,
    *,
    session: OperatorSession,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; shown to whoever approves.")] = None,
    incident_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the trouble began, with a zone.")
    ] = None,
    input_: Annotated[str | None, typer.Option("--input", metavar="JSON", help="More of the run's input.")] = None,
    name: Annotated[str | None, typer.Option(help="The execution's name; by default the time.")] = None,
    json: JsonOption = False,
) -> None:
    """`leeward start APPLICATION [RUNBOOK]`."""
    from leeward.operations.run_control import (  # noqa: PLC0415
        sign_start,
        start_run,
    )
    from leeward.state_machines.application.run_direction import RunRegions  # noqa: PLC0415

    with translate_operation_errors():
        document = session.load_application(application)
        chosen = resolve_runbook(session.project, application, runbook)
        way = RunRegions.from_direction(document.regions, session.load_runbook(application, chosen).direction)
        members = build_run_input(input_, reason=reason, accept_data_loss=False)
        if incident_at is not None:
            members["incident_at"] = incident_at
        started = start_run(
            session.aws,
            application,
            chosen,
            account=document.account,
            region=way.target,
            origin=way.origin,
            run_input=members,
            name=name,
        )
        unsigned = sign_start(session.aws, started)
    cache_run_ids([started.record.run], [])
    if json:
        print_json(run_to_json(started) | {"signed": unsigned is None, "unsigned_because": unsigned})
    else:
        create_stdout_console().print(f"{started.record.run}: started, {way.origin} -> {way.target}", soft_wrap=True)
        if unsigned is not None:
            told = f"Not signed: {unsigned}. Where the runbook wants two people, two must approve now."
            create_stdout_console().print(told, style="warning", soft_wrap=True)
        create_stdout_console().print(f"leeward watch {started.record.run}", style="quiet", soft_wrap=True)
    raise typer.Exit(ExitCode.SUCCESS)


@with_operator_session()
def resume(
    run: RunArgument,
    *,
    session: OperatorSession,
    json: JsonOption = False,
) -> None:
    """`leeward resume RUN`."""
    from leeward.operations.run_control import resume_run  # noqa: PLC0415

    with translate_operation_errors():
        document, meant = session.find_run(run)
        going = resume_run(session.aws, meant, document.regions.standby)
    if json:
        print_json(run_to_json(going))
    else:
        create_stdout_console().print(
            f"{going.record.run}: goes on ({going.status}). leeward watch {going.record.run}", soft_wrap=True
        )
    raise typer.Exit(ExitCode.SUCCESS)
