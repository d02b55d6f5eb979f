"""`leeward board`: a static site of all applications, from rehearsals or from the journals in AWS."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import OperatorSession
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import format_path
from leeward.cli.rendering.terminal import create_stdout_console

HELP = join_paragraphs(
    "Write the board: a static site with an index, and a page per application.",
    """Each page shows whether a failover would succeed now, the RPO at this moment, the last drill, RTO over time and
    its objective, and the questions that wait for a person. Without --aws it is made of the rehearsals kept in
    build/rehearsals; with it, of the journals and of what readiness last found, with your own credentials.""",
)
EPILOG = build_epilog(
    examples=["leeward board", "leeward board --aws --out site", "leeward board --json | jq .applications[].name"],
    exit_codes="0 the site is written; 2 the command was misused, or the documents are wrong.",
)


@with_operator_session(omit_options=("region",))
def board(
    *,
    session: OperatorSession,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to.")] = Path("build/board"),
    aws: Annotated[bool, typer.Option("--aws", help="From the journals in AWS.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what the board shows, and write nothing.")] = False,
) -> None:
    """`leeward board`."""
    from leeward.board.model import Board  # noqa: PLC0415 - only when it is to run
    from leeward.board.site.html_pages import write_site  # noqa: PLC0415
    from leeward.cli.run_evidence.board_pages import build_application_pages  # noqa: PLC0415

    pages = build_application_pages(session.project, session.aws if aws or session.is_on_twin else None)
    made = Board(at=datetime.now(UTC), applications=tuple(pages))
    if json:
        sys.stdout.write(made.model_dump_json(indent=2) + "\n")
        raise typer.Exit(ExitCode.SUCCESS)
    try:
        written = write_site(made, out)
    except OSError as error:
        raise CliError(
            f"{format_path(out)} can't be written: {error.strerror}", ["Give another folder: --out DIR"]
        ) from error
    create_stdout_console().print(f"{format_path(written[0])} and {len(written) - 1} more", soft_wrap=True)
