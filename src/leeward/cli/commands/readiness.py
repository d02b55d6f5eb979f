"""`leeward readiness`: would a failover that is started now succeed, and in what time?"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leeward.cli.choice import choose
from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.root import find_root
from leeward.cli.terminal import output
from leeward.cli.trouble import Trouble

if TYPE_CHECKING:
    from leeward.readiness.findings import Readiness
    from leeward.state_machines.tree import Ready

HELP = paragraphs(
    "Tell whether a run that is started now would succeed.",
    """Replication, launch settings, quotas, routing controls, records, load balancers, certificates, what is deployed,
    the lock and the last drill are looked at in your AWS account, with your own credentials; nothing is changed. What
    could not be looked at is shown as unknown, never as well. Every finding names its fix.""",
)
EPILOG = epilog(
    examples=[
        "leeward readiness website",
        "leeward readiness website failback",
        "leeward readiness --json | jq .[].verdict",
    ],
    exit_codes="0 everything looked at is well; 1 something is not, or is not known; 2 the command was misused.",
)


def readiness(
    application: Annotated[
        str | None, typer.Argument(metavar="[APPLICATION]", help="A folder of runbooks/; default: all of them.")
    ] = None,
    runbook: Annotated[str | None, typer.Argument(metavar="[RUNBOOK]", help="Default: failover.")] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    functions: Annotated[
        str | None, typer.Option(metavar="PREFIX", help="What the functions' names begin with, if not as deployed.")
    ] = None,
    root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The project's root; default: found from here upwards.")
    ] = None,
) -> None:
    """`leeward readiness [APPLICATION] [RUNBOOK]`."""
    found = [_look(ready, every, functions) for ready, every in _chosen(root, application, runbook or "failover")]
    if json:
        sys.stdout.write("[" + ",\n".join(one.model_dump_json(indent=2) for one in found) + "]\n")
    else:
        from leeward.cli.screens.readiness import show_readiness  # noqa: PLC0415 - imports the checks

        for one in found:
            show_readiness(output(), one)
    raise typer.Exit(ExitCode.FOUND if any(one.reasons for one in found) else ExitCode.WELL)


def _chosen(root: Path | None, application: str | None, runbook: str) -> list[tuple[Ready, list[Ready]]]:
    """The runbooks to look at, each with all of its application's."""
    from leeward.state_machines.tree import ready_runbooks  # noqa: PLC0415 - only when it is to run

    every = ready_runbooks(find_root(root) / "runbooks")
    names = sorted({ready.application.application for ready in every})
    wanted = names if application is None else [choose("application", application, names, place="runbooks/")]
    chosen = []
    for name in wanted:
        own = [ready for ready in every if ready.application.application == name]
        found = [ready for ready in own if ready.runbook.runbook == runbook]
        if not found and application is not None:
            there = ", ".join(ready.runbook.runbook for ready in own)
            raise Trouble(f"{name} has no runbook {runbook}", [f"Its runbooks are: {there}"])
        chosen += [(ready, own) for ready in found]
    return chosen


def _look(ready: Ready, siblings: list[Ready], functions: str | None) -> Readiness:
    from leeward.common import names  # noqa: PLC0415 - these import boto3
    from leeward.readiness.evaluate import evaluate  # noqa: PLC0415
    from leeward.readiness.reach import Reach  # noqa: PLC0415
    from leeward.readiness.subject import Subject  # noqa: PLC0415
    from leeward.state_machines.readiness import subject  # noqa: PLC0415

    application, region = ready.application.application, ready.compiled.way.target
    topic = f"arn:aws:sns:{region}:{ready.application.account}:{names.topic(application)}"
    asked = Subject.model_validate(subject(ready, siblings) | {"functions": functions})
    return evaluate(asked, Reach(region, names.table(application), topic, datetime.now(UTC)))
