"""`leeward board`: write a static site about all applications from rehearsals or from journals in AWS."""

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
    "Write the board, a static site with an index and a page per application.",
    """Each page shows whether a failover would succeed now, the current RPO, the last drill, the RTO over time with its
    objective, and the open questions. By default, the board shows the rehearsals in build/rehearsals. With --aws, it
    reads the journals and the latest readiness reports from AWS with your credentials.""",
)
EPILOG = build_epilog(
    examples=["leeward board", "leeward board --aws --out site", "leeward board --json | jq .applications[].name"],
    exit_codes="0 success; 2 invalid usage, or the documents have errors.",
)


@with_operator_session(omit_options=("region",))
def board(
    *,
    session: OperatorSession,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The output folder.")] = Path("build/board"),
    aws: Annotated[bool, typer.Option("--aws", help="Read the journals in AWS.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and write no site.")] = False,
) -> None:
    """Write the board, or print it as JSON."""
    from leeward.board.model import Board  # noqa: PLC0415 - slow to import
    from leeward.board.site.html_pages import write_site  # noqa: PLC0415
    from leeward.cli.run_evidence.board_from_runs import build_application_pages  # noqa: PLC0415

    pages = build_application_pages(session.project, session.aws if aws or session.is_on_twin else None)
    content = Board(at=datetime.now(UTC), applications=tuple(pages))
    if json:
        sys.stdout.write(content.model_dump_json(indent=2) + "\n")
        raise typer.Exit(ExitCode.SUCCESS)
    try:
        written = write_site(content, out)
    except OSError as error:
        raise CliError(
            f"{format_path(out)} can't be written: {error.strerror}", ["Choose another folder with --out DIR"]
        ) from error
    create_stdout_console().print(f"wrote {format_path(written[0])} and {len(written) - 1} more files", soft_wrap=True)
