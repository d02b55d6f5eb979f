"""`leeward rehearse`: a runbook, whole, on the twin."""

from __future__ import annotations

import contextlib
import math
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.asked import Asked, choose_application, choose_runbook, choose_scenario, ready_folder
from leeward.cli.exits import ExitCode
from leeward.cli.garbage import uncollected
from leeward.cli.help import epilog, paragraphs
from leeward.cli.root import find_root
from leeward.cli.run_input import run_input
from leeward.cli.terminal import errors, output, redraws
from leeward.cli.triggers import Started, starts, triggered_runbook
from leeward.cli.trouble import Trouble

if TYPE_CHECKING:
    from leeward.twin.report import Rehearsal

HELP = paragraphs(
    "Rehearse a runbook, whole, on a simulated AWS.",
    """The state machine and the Lambdas are those that run on AWS; no AWS account is touched. The steps are shown live
    on the virtual clock; then come the verdict, the RTO and RPO measured against their objectives, and what the users
    saw.""",
)
EPILOG = epilog(
    examples=[
        "leeward rehearse website failover",
        "leeward rehearse website failover --scenario region-dark --seed 8 --pace 60",
        "leeward rehearse website failover --json | jq .rto",
        "leeward rehearse website --rounds 3",
        "leeward rehearse ticketing --variants",
        "leeward rehearse website --trigger alarm",
    ],
    exit_codes=(
        "0 the run succeeded and every objective and invariant held; 1 the rehearsal ran but did not pass; "
        "2 the command was misused, or the documents are wrong; 130 interrupted."
    ),
)


def rehearse(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="A folder of runbooks/.")],
    runbook: Annotated[
        str | None, typer.Argument(metavar="RUNBOOK", help="Default: failover, or the only one there is.")
    ] = None,
    *,
    scenario: Annotated[
        str | None,
        typer.Option(help="What goes wrong: a scenario of the application, or a file.", metavar="NAME|PATH"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same rehearsal, to the byte.")] = 7,
    accept_data_loss: Annotated[
        bool, typer.Option("--accept-data-loss", help="Go on although recovery points are older than the RPO.")
    ] = False,
    input_: Annotated[
        str | None, typer.Option("--input", metavar="JSON", help="The run's input, such as '{\"approve\": true}'.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why the run is started; kept in its journal.")] = None,
    pace: Annotated[
        float | None,
        typer.Option(metavar="N", help="Slow down to N virtual seconds per real second, for watching."),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Fail over and back this many times, and compare what is left each time."),
    ] = None,
    variants: Annotated[
        bool,
        typer.Option("--variants", help="Every incident under every variant of the routing; nobody starts a runbook."),
    ] = False,
    trigger: Annotated[
        Started | None,
        typer.Option(help="Begin with what starts the run, through the synthesised templates (make synth)."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The synthesised templates; default: build/cdk.out/APPLICATION-example."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the report, one HTML file, into this folder.")
    ] = None,
    history: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder to keep the history in.")] = None,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward rehearse APPLICATION [RUNBOOK]`: run it on the twin, show it, and hold it against its objectives."""
    if pace is not None and not 0 < pace < math.inf:
        raise Trouble("--pace must be more than 0", ["For example: --pace 60 shows a minute of the rehearsal a second"])
    if rounds is not None and (runbook is not None or history is not None):
        raise Trouble(
            "--rounds goes without RUNBOOK and --history", ["For example: leeward rehearse website --rounds 3"]
        )
    if variants and any(given is not None for given in (runbook, rounds, trigger, history)):
        raise Trouble(
            "--variants goes without RUNBOOK, --rounds, --trigger and --history",
            ["For example: leeward rehearse ticketing --variants"],
        )
    if rounds is not None and trigger is not None:
        raise Trouble("--rounds goes without --trigger", ["For example: leeward rehearse website --trigger alarm"])
    project = find_root(root)
    application = choose_application(project, application)
    started_by = starts(project, application, trigger, templates)
    asked = Asked(
        project=project,
        application=application,
        runbook=choose_runbook(project, application, runbook or triggered_runbook(project, application, trigger)),
        started_by=started_by,
        scenario=choose_scenario(project, application, scenario),
        seed=seed,
        run_input=run_input(input_, reason=reason, accept_data_loss=accept_data_loss),
        history=ready_folder(history),
    )
    if variants:
        raise typer.Exit(_variants(asked, json=json))
    if report is not None:
        from leeward.cli.reporting import ready  # noqa: PLC0415 - only when it is to run

        ready()
    raise typer.Exit(_rehearse(asked, pace, rounds, json=json, report=report))


def _variants(asked: Asked, *, json: bool) -> ExitCode:
    console = output()
    patience = console.status("starting the twin ...") if redraws(console) and not json else contextlib.nullcontext()
    try:
        with patience as status, uncollected():
            from leeward.cli.rehearsing import run_variants  # noqa: PLC0415
            from leeward.cli.screens.variants import show_variants  # noqa: PLC0415

            def begins(scenario: str, variant: str) -> None:
                if status is not None:
                    status.update(f"{asked.application}, {scenario}, routing {variant} ...")

            result = run_variants(asked, begins)
    except KeyboardInterrupt:
        errors().print("leeward: interrupted. No AWS account was touched: there is nothing to clean up.")
        return ExitCode.INTERRUPTED
    if json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        show_variants(console, result)
    return ExitCode.WELL if result.passed else ExitCode.FOUND


def _rehearse(asked: Asked, pace: float | None, rounds: int | None, *, json: bool, report: Path | None) -> ExitCode:
    console = output()
    patience = console.status("starting the twin ...") if redraws(console) and not json else contextlib.nullcontext()
    try:
        with patience, uncollected():  # the twin takes seconds to import, and so is imported only when it is to run
            from leeward.cli.rehearsing import run, run_rounds  # noqa: PLC0415
            from leeward.cli.screens.rehearsal import show  # noqa: PLC0415
            from leeward.cli.screens.rounds import show_rounds  # noqa: PLC0415
            from leeward.cli.watch import view_for  # noqa: PLC0415
        view = view_for(console, json=json)
        if rounds is not None:
            gone = run_rounds(asked, rounds, view, pace)
            if json:
                sys.stdout.write(gone.model_dump_json(indent=2) + "\n")
            else:
                show_rounds(console, gone)
            if report is not None:
                _report(asked.project, [run for each in gone.rounds for run in each.runs], report, json=json)
            return ExitCode.WELL if gone.passed else ExitCode.FOUND
        rehearsed = run(asked, view, pace)
    except KeyboardInterrupt:
        errors().print("leeward: interrupted. No AWS account was touched: there is nothing to clean up.")
        return ExitCode.INTERRUPTED
    result = rehearsed.rehearsal
    if json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        show(console, result, root=asked.project, log=rehearsed.log, again=shlex.join(["leeward", *sys.argv[1:]]))
    if report is not None:
        _report(asked.project, [result], report, json=json)
    return ExitCode.WELL if result.passed else ExitCode.FOUND


def _report(project: Path, results: Sequence[Rehearsal], folder: Path, *, json: bool) -> None:
    """Write what was rehearsed as one HTML file, and say where; with --json on standard error."""
    from leeward.cli.reporting import write  # noqa: PLC0415 - only when it is to run
    from leeward.cli.root import shown  # noqa: PLC0415
    from leeward.evidence.saved import load  # noqa: PLC0415

    kept = [load(project / result.evidence) for result in results if result.evidence]
    if not kept:
        errors().print("leeward: the run was refused in its first state: there is no journal to report on")
        return
    first = results[0]
    trip = "round-trip" if len(results) > 1 else first.runbook
    path = write(kept, folder / f"{first.application}-{trip}-{first.scenario}-{first.seed}.html")
    (errors() if json else output()).print(f"report   {shown(path)}", soft_wrap=True)
