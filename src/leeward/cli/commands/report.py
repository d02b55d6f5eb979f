"""`leeward report`: a run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leeward.base.installation.extras import require_extra
from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.commands.show import EvidenceRunArgument
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import OperatorSession
from leeward.cli.project.project_root import format_path
from leeward.cli.rendering.terminal import create_stdout_console

HELP = join_paragraphs(
    "Write a run's report: one HTML file with everything in it.",
    """The verdict, RTO and RPO against the objectives, where the time went, what the users saw, the way through the
    state machine, server by server, who decided what, the calls and the cost, the documents' versions and the whole
    journal. It needs no network, prints well, and follows the reader's light or dark mode.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward report latest",
        "leeward report website.failover.2026-03-01 --out report.html",
        "leeward report website.failover.rehearsal.leeward.zip",
    ],
    exit_codes="0 written; 2 there is no such run, or the extra `report` is not installed.",
)


@with_operator_session()
def report(
    run: EvidenceRunArgument,
    *,
    session: OperatorSession,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file to write; default: RUN.html, here.")
    ] = None,
) -> None:
    """`leeward report RUN`."""
    require_extra("report", command="report")
    from leeward.cli.run_evidence.evidence_lookup import find_evidence  # noqa: PLC0415
    from leeward.cli.run_evidence.report_file import write_report  # noqa: PLC0415 - only when it is to run

    evidence = find_evidence(session, run)
    path = write_report([evidence], out or Path(f"{evidence.run}.html"))
    create_stdout_console().print(format_path(path), soft_wrap=True)
