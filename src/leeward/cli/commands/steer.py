"""`leeward start` and `leeward resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from leeward.cli.asked import choose_runbook
from leeward.cli.commands.status import as_json
from leeward.cli.completion import complete_applications, complete_runbooks, remember
from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.operating import Desk, Json, RunArgument, print_json, telling
from leeward.cli.run_input import run_input
from leeward.cli.terminal import output
from leeward.cli.whom import at_a_desk

START_HELP = paragraphs(
    "Start a runbook in the Region that it enters.",
    """You sign that you started it: where the runbook wants two people, another one must approve. The same --name with
    the same input is the same run, however often it is started.""",
)
START_EPILOG = epilog(
    examples=[
        """leeward start website failover --reason "us-east-1 does not answer" --incident-at 2026-03-01T09:00:00Z""",
        """leeward start website drill --input '{"skip": ["Tell the team"]}'""",
        "leeward start website failover --twin",
    ],
    exit_codes="0 it was started; 1 refused; 2 misused; 69 the Region does not answer; 77 AWS refused.",
)
RESUME_HELP = paragraphs(
    "Let a run go on that failed, was stopped or ran out of time: at the step that did not succeed.",
    """What was done is not done again. A run that had let its lock go takes it again, or is refused while another run
    holds it. What was taken back can't be resumed: start it anew. Possible for 14 days.""",
)
RESUME_EPILOG = epilog(
    examples=["leeward resume website.failover.20260301-090000", "leeward resume 090000 --twin"],
    exit_codes="0 it goes on; 1 refused, with the reason; 2 no such run; 69 no answer; 77 AWS refused.",
)


@at_a_desk(without=("region",))
def start(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", autocompletion=complete_applications)],
    runbook: Annotated[str | None, typer.Argument(metavar="[RUNBOOK]", autocompletion=complete_runbooks)] = None,
    *,
    at: Desk,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; shown to whoever approves.")] = None,
    incident_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the trouble began, with a zone.")
    ] = None,
    given: Annotated[str | None, typer.Option("--input", metavar="JSON", help="More of the run's input.")] = None,
    name: Annotated[str | None, typer.Option(help="The execution's name; by default the time.")] = None,
    json: Json = False,
) -> None:
    """`leeward start APPLICATION [RUNBOOK]`."""
    from leeward.operations.steering import sign_start  # noqa: PLC0415
    from leeward.operations.steering import start as start_run  # noqa: PLC0415
    from leeward.state_machines.documents.direction import Way  # noqa: PLC0415

    with telling():
        document = at.application(application)
        chosen = choose_runbook(at.project, application, runbook)
        way = Way.of(document.regions, at.runbook(application, chosen).direction)
        members = run_input(given, reason=reason, accept_data_loss=False)
        if incident_at is not None:
            members["incident_at"] = incident_at
        started = start_run(
            at.reach,
            application,
            chosen,
            account=document.account,
            region=way.target,
            origin=way.origin,
            given=members,
            name=name,
        )
        unsigned = sign_start(at.reach, started)
    remember([started.run.run], [])
    if json:
        print_json(as_json(started) | {"signed": unsigned is None, "unsigned_because": unsigned})
    else:
        output().print(f"{started.run.run}: started, {way.origin} -> {way.target}", soft_wrap=True)
        if unsigned is not None:
            told = f"Not signed: {unsigned}. Where the runbook wants two people, two must approve now."
            output().print(told, style="warning", soft_wrap=True)
        output().print(f"leeward watch {started.run.run}", style="quiet", soft_wrap=True)
    raise typer.Exit(ExitCode.WELL)


@at_a_desk()
def resume(
    run: RunArgument,
    *,
    at: Desk,
    json: Json = False,
) -> None:
    """`leeward resume RUN`."""
    from leeward.operations.steering import resume as resume_run  # noqa: PLC0415

    with telling():
        document, meant = at.run(run)
        going = resume_run(at.reach, meant, document.regions.standby)
    if json:
        print_json(as_json(going))
    else:
        output().print(f"{going.run.run}: goes on ({going.status}). leeward watch {going.run.run}", soft_wrap=True)
    raise typer.Exit(ExitCode.WELL)
