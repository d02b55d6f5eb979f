"""`leeward report`: write a run's report as one HTML file."""

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
    "Write a run's report as one HTML file.",
    """The report contains the verdict, the RTO and RPO with their objectives, a timeline, the traffic of users, the
    path through the state machine, each server, the decisions, the calls and their cost, the versions of the documents,
    and the whole journal. You can open it offline, print it, and read it in light or dark mode.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward report latest",
        "leeward report website.failover.2026-03-01 --out report.html",
        "leeward report website.failover.rehearsal.leeward.zip",
    ],
    exit_codes="0 success; 2 no such run, or the extra `report` is not installed.",
)


@with_operator_session()
def report(
    run: EvidenceRunArgument,
    *,
    session: OperatorSession,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The output file. Default: RUN.html.")] = None,
) -> None:
    """Write the HTML report of a run."""
    require_extra("report", command="report")
    from leeward.cli.run_evidence.evidence_lookup import find_evidence  # noqa: PLC0415
    from leeward.cli.run_evidence.report_file import write_report  # noqa: PLC0415 - slow to import

    evidence = find_evidence(session, run)
    path = write_report([evidence], out or Path(f"{evidence.run}.html"), session.project)
    create_stdout_console().print(format_path(path), soft_wrap=True)
