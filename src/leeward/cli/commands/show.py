"""`leeward show`: show a run's verdict and timeline from its journal."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import OperatorSession
from leeward.cli.rendering.terminal import create_stdout_console

HELP = join_paragraphs(
    "Show a run's verdict, timeline, and decisions from its journal.",
    """RUN is a run ID, the name of a rehearsal in build/rehearsals, `latest`, or the path of a bundle. If no rehearsal
    matches, the command reads the journals in both Regions of the application, or on a served twin with --twin.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward show latest",
        "leeward show website.failover.2026-03-01 --json | jq .rto",
        "leeward show website.failover.rehearsal --twin",
    ],
    exit_codes="0 success; 2 no such run, or its journal can't be read.",
)

EvidenceRunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run ID, a rehearsal, `latest`, or a bundle.")
]


@with_operator_session()
def show(
    run: EvidenceRunArgument,
    *,
    session: OperatorSession,
    all_: Annotated[bool, typer.Option("--all", help="Include `still waiting` entries.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
) -> None:
    """Print a run's verdict and timeline."""
    from leeward.cli.run_evidence.evidence_lookup import find_evidence  # noqa: PLC0415 - slow to import
    from leeward.cli.screens.run_details import show_run  # noqa: PLC0415

    evidence = find_evidence(session, run)
    if json:
        sys.stdout.write(evidence.model_dump_json(indent=2) + "\n")
    else:
        show_run(create_stdout_console(), evidence, show_waiting=all_)
