"""The commands, put together."""

from __future__ import annotations

import typer

from cli.commands import board, export, plan, readiness, rehearse, report, show, sweep, twin, validate, verify
from cli.commands import compile as compile_command
from cli.help import epilog

EPILOG = epilog(
    exit_codes=(
        "0 all well; 1 the command found something: the rehearsal did not pass, the documents have problems, or the "
        "generated files have drifted; 2 the command was misused, or the documents it needs are wrong; 70 a defect in "
        "Leeward, of which LEEWARD_DEBUG=1 shows the trace; 130 interrupted."
    ),
)

app = typer.Typer(
    name="leeward",
    help="Disaster-recovery runbooks for AWS, as code, rehearsed whole on a laptop.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("rehearse", help=rehearse.HELP, epilog=rehearse.EPILOG)(rehearse.rehearse)
app.command("validate", help=validate.HELP, epilog=validate.EPILOG)(validate.validate)
app.command("compile", help=compile_command.HELP, epilog=compile_command.EPILOG)(compile_command.compile_runbooks)
app.command("plan", help=plan.HELP, epilog=plan.EPILOG)(plan.plan)
app.command("board", help=board.HELP, epilog=board.EPILOG)(board.board)
app.command("readiness", help=readiness.HELP, epilog=readiness.EPILOG)(readiness.readiness)
app.command("sweep", help=sweep.HELP, epilog=sweep.EPILOG)(sweep.sweep)
app.command("show", help=show.HELP, epilog=show.EPILOG)(show.show)
app.command("report", help=report.HELP, epilog=report.EPILOG)(report.report)
app.command("export", help=export.HELP, epilog=export.EPILOG)(export.export)
app.command("verify", help=verify.HELP, epilog=verify.EPILOG)(verify.verify)
app.add_typer(twin.app)
