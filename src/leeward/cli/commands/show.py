"""`leeward show`: a run's timeline, from its journal."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from leeward.cli.help import epilog, paragraphs
from leeward.cli.operating import Desk
from leeward.cli.terminal import output
from leeward.cli.whom import at_a_desk

HELP = paragraphs(
    "Show a run, from its journal: the verdict, the timeline, who decided what.",
    """RUN is a run's id, the name of a rehearsal kept in build/rehearsals, `latest`, or the path of a bundle. A run
    that no rehearsal has kept is looked for in AWS, in both Regions of its application, or with --twin on a served
    twin.""",
)
EPILOG = epilog(
    examples=[
        "leeward show latest",
        "leeward show website.failover.2026-03-01 --json | jq .rto",
        "leeward show website.failover.rehearsal --twin",
    ],
    exit_codes="0 shown; 2 there is no such run, or it can't be reached.",
)

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, a rehearsal's name, `latest`, or a bundle.")]


@at_a_desk()
def show(
    run: Run,
    *,
    at: Desk,
    all_: Annotated[bool, typer.Option("--all", help="Every entry, also those that only say `still waiting`.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """`leeward show RUN`."""
    from leeward.cli.runs import find  # noqa: PLC0415 - only when it is to run
    from leeward.cli.screens.run import show_run  # noqa: PLC0415

    evidence = find(at, run)
    if json:
        sys.stdout.write(evidence.model_dump_json(indent=2) + "\n")
    else:
        show_run(output(), evidence, everything=all_)
