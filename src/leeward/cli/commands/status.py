"""`leeward status` and `leeward history`: list runs and their status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import (
    ApplicationArgument,
    JsonOption,
    OperatorSession,
    print_json,
    translate_operation_errors,
)
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.shell_completion import cache_run_ids, complete_applications
from leeward.cli.rendering.terminal import create_stdout_console

if TYPE_CHECKING:
    from leeward.control.notifications.unsent_messages import UnsentMessage
    from leeward.operations.run_lookup import RunListing, RunStatus

STATUS_HELP = join_paragraphs(
    "Show active runs and their open questions, or the last run if none is active.",
    """The command queries both Regions of each application, and waits a few seconds for each. A Region that doesn't
    respond is unknown, and may still have an active run.""",
)
HISTORY_HELP = join_paragraphs("List an application's runs, latest first.")
_EXIT_CODES = "0 success; 1 a run waits for an answer; 2 invalid usage; 69 no Region responded; 77 AWS denied access."
STATUS_EPILOG = build_epilog(
    examples=["leeward status", "leeward status website --json", "leeward status --twin"], exit_codes=_EXIT_CODES
)
HISTORY_EPILOG = build_epilog(
    examples=["leeward history website", "leeward history website --most 5 --json"],
    exit_codes="0 success; 2 invalid usage; 69 no Region responded; 77 AWS denied access.",
)


@with_operator_session()
def status(
    application: ApplicationArgument = None,
    *,
    session: OperatorSession,
    json: JsonOption = False,
) -> None:
    """Print the active runs of one application, or of all applications."""
    with translate_operation_errors():
        listings = {a.application: session.list_runs(a) for a in session.load_applications(application)}
        waiting = _show_status(session, listings, json=json)
    raise typer.Exit(_choose_exit_code(listings, waiting=waiting))


@with_operator_session()
def history(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", autocompletion=complete_applications)],
    *,
    session: OperatorSession,
    most: Annotated[int, typer.Option(min=1, max=500, help="The maximum number of runs.")] = 20,
    json: JsonOption = False,
) -> None:
    """Print the latest runs of an application."""
    from leeward.cli.screens.run_list import build_runs_table  # noqa: PLC0415

    with translate_operation_errors():
        listing = session.list_runs(session.load_application(application), most)
    cache_run_ids([s.record.run for s in listing.runs], [])
    if json:
        print_json(
            {
                "application": application,
                "runs": [run_to_json(s) for s in listing.runs],
                "unknown": listing.unreachable_regions,
            }
        )
    else:
        create_stdout_console().print(build_runs_table(listing.runs))
        _show_unreachable_regions(listing)
        if not listing.runs and not listing.unreachable_regions:
            create_stdout_console().print(f"{application} has no runs")
    raise typer.Exit(_choose_exit_code({application: listing}, waiting=False))


def run_to_json(run_status: RunStatus) -> dict[str, object]:
    """Return a run as a JSON document."""
    return {
        "run": run_status.record.run,
        "runbook": run_status.record.runbook,
        "origin": run_status.record.origin,
        "target": run_status.record.target,
        "status": run_status.status,
        "began_at": run_status.record.began_at.isoformat(),
        "stopped_at": run_status.stopped_at.isoformat() if run_status.stopped_at else None,
        "error": run_status.error,
        "redrives": run_status.redrives,
        "resumable": run_status.resumable,
        "execution": run_status.record.execution,
    }


def unsent_to_json(message: UnsentMessage) -> dict[str, object]:
    """Return a message that the team did not get as a JSON document."""
    return {"at": message.at.isoformat(), "subject": message.subject, "step": message.step, "error": message.error}


def _show_status(session: OperatorSession, listings: dict[str, RunListing], *, json: bool) -> bool:
    from leeward.cli.screens.run_list import build_runs_table, format_question, format_unsent  # noqa: PLC0415
    from leeward.operations.run_lookup import list_open_questions, list_unsent_messages  # noqa: PLC0415

    documents, waiting, run_ids = [], [], []
    for application, listing in listings.items():
        active = [s for s in listing.runs if s.is_running or s.status == "UNKNOWN"]
        shown = active or list(listing.runs[:1])
        questions = {s.record.run: list_open_questions(session.aws, s) for s in shown}
        unsent = {s.record.run: list_unsent_messages(session.aws, s) for s in shown}
        waiting += [run for run, open_ in questions.items() if open_]
        run_ids += [s.record.run for s in listing.runs]
        if json:
            runs = [
                run_to_json(s) | {"questions": [
                    {"question": q.key, "message": q.message, "choices": q.choices, "default": q.default,
                     "expires_at": q.expires_at} for q in questions[s.record.run]],
                    "unsent_messages": [unsent_to_json(message) for message in unsent[s.record.run]]}
                for s in shown
            ]  # fmt: skip
            documents.append({"application": application, "runs": runs, "unknown": listing.unreachable_regions})
            continue
        if shown:
            create_stdout_console().print(build_runs_table(shown))
        else:
            create_stdout_console().print(
                f"{application}: " + ("not deployed" if listing.undeployed_regions else "no runs")
            )
        for run, open_ in questions.items():
            lines = [line for question in open_ for line in format_question(run, question, unsent[run])]
            asked = {(question.step, question.attempt) for question in open_}
            lines += format_unsent([m for m in unsent[run] if not any(m.asks(*place) for place in asked)])
            for line in lines:
                create_stdout_console().print(line, soft_wrap=True)
        _show_unreachable_regions(listing)
    if json:
        print_json(documents)
    cache_run_ids(run_ids, waiting)
    return bool(waiting)


def _show_unreachable_regions(listing: RunListing) -> None:
    for region, why in listing.unreachable_regions.items():
        create_stdout_console().print(f"{region}: unknown. {why}", style="warning", soft_wrap=True)


def _choose_exit_code(listings: dict[str, RunListing], *, waiting: bool) -> ExitCode:
    if listings and all(len(listing.unreachable_regions) > 0 and not listing.runs for listing in listings.values()):
        return ExitCode.UNREACHABLE
    return ExitCode.ISSUES_FOUND if waiting else ExitCode.SUCCESS
