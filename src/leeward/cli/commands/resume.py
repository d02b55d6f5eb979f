"""`leeward resume`: resume a failed or stopped run."""

from __future__ import annotations

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
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
from leeward.cli.rendering.terminal import create_stdout_console

HELP = join_paragraphs(
    "Resume a run that failed, was stopped, or timed out, at the step that did not succeed.",
    """Completed steps don't run again. If the run released its lock, it acquires the lock again, and is rejected while
    another run holds it. You can't resume a run that was rolled back: start a new run instead. You can resume a run for
    14 days.""",
)
EPILOG = build_epilog(
    examples=["leeward resume website.failover.20260301-090000", "leeward resume 090000 --twin"],
    exit_codes="0 resumed; 1 rejected, with the reason; 2 no such run; 69 no Region responded; 77 AWS denied access.",
)


@with_operator_session()
def resume(
    run: RunArgument,
    *,
    session: OperatorSession,
    json: JsonOption = False,
) -> None:
    """Resume a run."""
    from leeward.operations.run_control import resume_run  # noqa: PLC0415

    with translate_operation_errors():
        document, run_status = session.find_run(run)
        resumed = resume_run(session.aws, run_status, document.regions.standby)
    if json:
        print_json(run_to_json(resumed))
    else:
        create_stdout_console().print(
            f"{resumed.record.run}: resumed ({resumed.status}). leeward watch {resumed.record.run}", soft_wrap=True
        )
    raise typer.Exit(ExitCode.SUCCESS)
