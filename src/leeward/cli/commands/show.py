"""`leeward show`: a run's timeline, from its journal."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import OperatorSession
from leeward.cli.rendering.terminal import create_stdout_console

HELP = join_paragraphs(
    "Show a run, from its journal: the verdict, the timeline, who decided what.",
    """RUN is a run's id, the name of a rehearsal kept in build/rehearsals, `latest`, or the path of a bundle. A run
    that no rehearsal has kept is looked for in AWS, in both Regions of its application, or with --twin on a served
    twin.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward show latest",
        "leeward show website.failover.2026-03-01 --json | jq .rto",
        "leeward show website.failover.rehearsal --twin",
    ],
    exit_codes="0 shown; 2 there is no such run, or it can't be reached.",
)

EvidenceRunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id, a rehearsal's name, `latest`, or a bundle.")
]


@with_operator_session()
def show(
    run: EvidenceRunArgument,
    *,
    session: OperatorSession,
    all_: Annotated[bool, typer.Option("--all", help="Every entry, also those that only say `still waiting`.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """`leeward show RUN`."""
    from leeward.cli.run_evidence.evidence_lookup import find_evidence  # noqa: PLC0415 - only when it is to run
    from leeward.cli.screens.run_details import show_run  # noqa: PLC0415

    evidence = find_evidence(session, run)
    if json:
        sys.stdout.write(evidence.model_dump_json(indent=2) + "\n")
    else:
        show_run(create_stdout_console(), evidence, show_waiting=all_)
