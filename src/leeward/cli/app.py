"""The Typer application that registers every command."""

from __future__ import annotations

from typing import Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog
from leeward.cli.commands import (
    answer,
    board,
    dependencies,
    export,
    kinds,
    plan,
    readiness,
    rehearse,
    report,
    resume,
    show,
    start,
    status,
    sweep,
    twin,
    validate,
    verify,
    watch,
)
from leeward.cli.commands import compile as compile_command

EPILOG = build_epilog(
    exit_codes=(
        "0 success; 1 the command found an issue, such as a failed rehearsal or run, a rejected request, invalid "
        "documents, drift, or invalid evidence; 2 invalid usage, or the documents that the command needs have errors; "
        "69 no Region responded; 70 unexpected error (set LEEWARD_DEBUG=1 to see the traceback); 77 AWS denied access; "
        "130 interrupted."
    ),
)

app = typer.Typer(
    name="leeward",
    help="Run AWS disaster-recovery runbooks as code, and rehearse them on your own machine.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import

        typer.echo(f"leeward {version('leeward')}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    del show_version


app.command("rehearse", help=rehearse.HELP, epilog=rehearse.EPILOG)(rehearse.rehearse)
app.command("validate", help=validate.HELP, epilog=validate.EPILOG)(validate.validate)
app.command("compile", help=compile_command.HELP, epilog=compile_command.EPILOG)(compile_command.compile_runbooks)
app.command("plan", help=plan.HELP, epilog=plan.EPILOG)(plan.plan)
app.command("kinds", help=kinds.HELP, epilog=kinds.EPILOG)(kinds.kinds)
app.command("board", help=board.HELP, epilog=board.EPILOG)(board.board)
app.command("readiness", help=readiness.HELP, epilog=readiness.EPILOG)(readiness.readiness)
app.command("sweep", help=sweep.HELP, epilog=sweep.EPILOG)(sweep.sweep)
app.command("dependencies", help=dependencies.HELP, epilog=dependencies.EPILOG)(dependencies.dependencies)
app.command("show", help=show.HELP, epilog=show.EPILOG)(show.show)
app.command("report", help=report.HELP, epilog=report.EPILOG)(report.report)
app.command("export", help=export.HELP, epilog=export.EPILOG)(export.export)
app.command("verify", help=verify.HELP, epilog=verify.EPILOG)(verify.verify)
app.command("start", help=start.HELP, epilog=start.EPILOG)(start.start)
app.command("status", help=status.STATUS_HELP, epilog=status.STATUS_EPILOG)(status.status)
app.command("watch", help=watch.HELP, epilog=watch.EPILOG)(watch.watch)
for _decision in ("approve", "reject", "retry", "skip"):
    _command = answer.create_answer_command(_decision)
    app.command(_decision, help=answer.HELP_BY_DECISION[_decision], epilog=answer.build_answer_epilog(_decision))(
        _command
    )
app.command("abort", help=answer.HELP_BY_DECISION["abort"], epilog=answer.build_answer_epilog("abort"))(answer.abort)
app.command("resume", help=resume.HELP, epilog=resume.EPILOG)(resume.resume)
app.command("history", help=status.HISTORY_HELP, epilog=status.HISTORY_EPILOG)(status.history)
app.add_typer(twin.app)
