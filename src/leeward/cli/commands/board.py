"""`leeward board`: a static site of all applications, from rehearsals or from the journals in AWS."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.operating import Desk
from leeward.cli.root import shown
from leeward.cli.terminal import output
from leeward.cli.trouble import Trouble
from leeward.cli.whom import at_a_desk

HELP = paragraphs(
    "Write the board: a static site with an index, and a page per application.",
    """Each page shows whether a failover would succeed now, the RPO at this moment, the last drill, RTO over time and
    its objective, and the questions that wait for a person. Without --aws it is made of the rehearsals kept in
    build/rehearsals; with it, of the journals and of what readiness last found, with your own credentials.""",
)
EPILOG = epilog(
    examples=["leeward board", "leeward board --aws --out site", "leeward board --json | jq .applications[].name"],
    exit_codes="0 the site is written; 2 the command was misused, or the documents are wrong.",
)


@at_a_desk(without=("region",))
def board(
    *,
    at: Desk,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to.")] = Path("build/board"),
    aws: Annotated[bool, typer.Option("--aws", help="From the journals in AWS.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what the board shows, and write nothing.")] = False,
) -> None:
    """`leeward board`."""
    from leeward.board.model import Board  # noqa: PLC0415 - only when it is to run
    from leeward.board.site import write  # noqa: PLC0415
    from leeward.cli.boards import applications  # noqa: PLC0415

    pages = applications(at.project, at.reach if aws or at.on_a_twin else None)
    made = Board(at=datetime.now(UTC), applications=tuple(pages))
    if json:
        sys.stdout.write(made.model_dump_json(indent=2) + "\n")
        raise typer.Exit(ExitCode.WELL)
    try:
        written = write(made, out)
    except OSError as error:
        raise Trouble(f"{shown(out)} can't be written: {error.strerror}", ["Give another folder: --out DIR"]) from error
    output().print(f"{shown(written[0])} and {len(written) - 1} more", soft_wrap=True)
