"""`leeward report`: a run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.commands.show import Run
from leeward.cli.help import epilog, paragraphs
from leeward.cli.operating import Desk
from leeward.cli.root import shown
from leeward.cli.terminal import output
from leeward.cli.whom import at_a_desk

HELP = paragraphs(
    "Write a run's report: one HTML file with everything in it.",
    """The verdict, RTO and RPO against the objectives, where the time went, what the users saw, the way through the
    state machine, server by server, who decided what, the calls and the cost, the documents' versions and the whole
    journal. It needs no network, prints well, and follows the reader's light or dark mode.""",
)
EPILOG = epilog(
    examples=[
        "leeward report latest",
        "leeward report website.failover.2026-03-01 --out report.html",
        "leeward report website.failover.rehearsal.leeward.zip",
    ],
    exit_codes="0 written; 2 there is no such run, or what draws the report is not installed.",
)


@at_a_desk()
def report(
    run: Run,
    *,
    at: Desk,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file to write; default: RUN.html, here.")
    ] = None,
) -> None:
    """`leeward report RUN`."""
    from leeward.cli.reporting import ready, write  # noqa: PLC0415 - only when it is to run
    from leeward.cli.runs import find  # noqa: PLC0415

    ready()
    evidence = find(at, run)
    path = write([evidence], out or Path(f"{evidence.run}.html"))
    output().print(shown(path), soft_wrap=True)
