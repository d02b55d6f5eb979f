"""`leeward status` and `leeward history`: which runs there are and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.completion import complete_applications, remember
from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.operating import ApplicationArgument, Desk, Json, print_json, telling
from leeward.cli.terminal import output
from leeward.cli.whom import at_a_desk

if TYPE_CHECKING:
    from leeward.operations.runs import Found, Standing

STATUS_HELP = paragraphs(
    "Show which runs are under way, what they wait for, and how the last one ended.",
    """Both Regions are asked, each for a few seconds at most. One that does not answer is shown as unknown: it may be
    dark, and a run may go on in it.""",
)
HISTORY_HELP = paragraphs("List an application's runs, latest first.")
_CODES = "0 all well; 1 a run waits for an answer; 2 misused; 69 no Region answered; 77 AWS refused."
STATUS_EPILOG = epilog(
    examples=["leeward status", "leeward status website --json", "leeward status --twin"], exit_codes=_CODES
)
HISTORY_EPILOG = epilog(
    examples=["leeward history website", "leeward history website --most 5 --json"],
    exit_codes="0 all well; 2 misused; 69 no Region answered; 77 AWS refused.",
)


@at_a_desk()
def status(
    application: ApplicationArgument = None,
    *,
    at: Desk,
    json: Json = False,
) -> None:
    """`leeward status [APPLICATION]`."""
    with telling():
        told = {a.application: at.runs(a) for a in at.applications(application)}
        waiting = _show_status(at, told, json=json)
    raise typer.Exit(_code(told, waiting=waiting))


@at_a_desk()
def history(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", autocompletion=complete_applications)],
    *,
    at: Desk,
    most: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 20,
    json: Json = False,
) -> None:
    """`leeward history APPLICATION`."""
    from leeward.cli.screens.runs import runs_table  # noqa: PLC0415

    with telling():
        found = at.runs(at.application(application), most)
    remember([s.run.run for s in found.runs], [])
    if json:
        print_json({"application": application, "runs": [as_json(s) for s in found.runs], "unknown": found.silent})
    else:
        output().print(runs_table(found.runs))
        _show_silent(found)
        if not found.runs and not found.silent:
            output().print(f"{application} has had no run.")
    raise typer.Exit(_code({application: found}, waiting=False))


def as_json(standing: Standing) -> dict[str, object]:
    """A run, as `--json` prints it."""
    return {
        "run": standing.run.run,
        "runbook": standing.run.runbook,
        "origin": standing.run.origin,
        "target": standing.run.target,
        "status": standing.status,
        "began_at": standing.run.began_at.isoformat(),
        "stopped_at": standing.stopped_at.isoformat() if standing.stopped_at else None,
        "error": standing.error,
        "redrives": standing.redrives,
        "resumable": standing.resumable,
        "execution": standing.run.execution,
    }


def _show_status(at: Desk, told: dict[str, Found], *, json: bool) -> bool:
    from leeward.cli.screens.runs import question_lines, runs_table  # noqa: PLC0415
    from leeward.operations.runs import questions_of  # noqa: PLC0415

    documents, waiting, seen = [], [], []
    for application, found in told.items():
        active = [s for s in found.runs if s.running or s.status == "UNKNOWN"]
        shown = active or list(found.runs[:1])
        asked = {s.run.run: questions_of(at.reach, s) for s in shown}
        waiting += [run for run, open_ in asked.items() if open_]
        seen += [s.run.run for s in found.runs]
        if json:
            runs = [
                as_json(s) | {"questions": [
                    {"question": q.key, "message": q.message, "choices": q.choices, "default": q.default,
                     "expires_at": q.expires_at} for q in asked[s.run.run]]}
                for s in shown
            ]  # fmt: skip
            documents.append({"application": application, "runs": runs, "unknown": found.silent})
            continue
        if shown:
            output().print(runs_table(shown))
        else:
            output().print(f"{application}: " + ("not deployed here" if found.absent else "no run that is known of"))
        for run, open_ in asked.items():
            for question in open_:
                for line in question_lines(run, question):
                    output().print(line, soft_wrap=True)
        _show_silent(found)
    if json:
        print_json(documents)
    remember(seen, waiting)
    return bool(waiting)


def _show_silent(found: Found) -> None:
    for region, why in found.silent.items():
        output().print(f"{region}: unknown. {why}", style="warning", soft_wrap=True)


def _code(told: dict[str, Found], *, waiting: bool) -> ExitCode:
    if told and all(len(found.silent) > 0 and not found.runs for found in told.values()):
        return ExitCode.UNREACHABLE
    return ExitCode.FOUND if waiting else ExitCode.WELL
