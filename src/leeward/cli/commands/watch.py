"""`leeward watch RUN`: the live view of a rehearsal, of a run on AWS or on a served twin."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leeward.cli.exits import ExitCode
from leeward.cli.help import epilog, paragraphs
from leeward.cli.operating import Desk, Json, RunArgument, print_json, telling
from leeward.cli.terminal import output
from leeward.cli.whom import at_a_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leeward.operations.reach import Reach
    from leeward.operations.runs import Standing

HELP = paragraphs(
    "Watch a run until it ends, or until Ctrl-C: the same view as a rehearsal's.",
    "What is shown is the execution's own history, read every few seconds. Watching changes nothing.",
)
EPILOG = epilog(
    examples=["leeward watch website.failover.20260301-090000", "leeward watch 090000 --once --json"],
    exit_codes="0 the run succeeded, or goes on after --once; 1 it did not succeed; 2 no such run; 69 no answer.",
)


@at_a_desk()
def watch(
    run: RunArgument,
    *,
    at: Desk,
    every: Annotated[float, typer.Option(min=0.2, metavar="SECONDS", help="How often to look.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    json: Json = False,
) -> None:
    """`leeward watch RUN`."""
    from leeward.cli.watch import Watcher, view_for  # noqa: PLC0415
    from leeward.operations.runs import standing  # noqa: PLC0415
    from leeward.state_machines.tree import ready_runbook  # noqa: PLC0415
    from leeward.twin.progress import Progress  # noqa: PLC0415
    from leeward.twin.report import Moment  # noqa: PLC0415

    with telling():
        document, meant = at.run(run)
        compiled = ready_runbook(at.project / "runbooks", meant.run.application, meant.run.runbook).compiled
        progress, seen = Progress(compiled.steps), 0
        with Watcher(view_for(output(), json=json)) as show:
            while True:
                for event in _events(at.reach, meant, seen):
                    seen = int(event["id"])
                    progress.observe(event)
                meant = standing(at.reach, meant.run)
                latest = _latest(progress.steps, meant.stopped_at)
                moment = Moment(
                    application=meant.run.application,
                    runbook=meant.run.runbook,
                    origin=meant.run.origin,
                    target=meant.run.target,
                    at=latest,
                    incident_at=meant.run.began_at,
                    started_at=meant.run.began_at,
                    rto_seconds=int(document.objectives.rto.total_seconds()),
                    steps=progress.steps,
                    users={},
                    note=f"run {meant.run.run}, {meant.status}",
                    where=f"on a twin, {at.reach.endpoint_url}" if at.reach.endpoint_url else f"in {meant.region}",
                )
                show(moment)
                if once or not (meant.running or meant.status == "UNKNOWN"):
                    break
                time.sleep(every)
    if json:
        print_json({"run": meant.run.run, "status": meant.status, "error": meant.error, "cause": meant.cause,
                    "steps": [step.model_dump(mode="json") for step in progress.steps]})  # fmt: skip
    else:
        output().print(f"{meant.run.run}: {meant.status}" + (f", {meant.error}" if meant.error else ""))
        if meant.cause:
            output().print(meant.cause, soft_wrap=True)
    well = meant.status in ("SUCCEEDED", "RUNNING", "PENDING_REDRIVE")
    raise typer.Exit(ExitCode.WELL if well else ExitCode.FOUND)


def _latest(steps: list[Any], stopped_at: datetime | None) -> datetime:
    """The twin's clock is not ours: on it, the present is the last thing that happened."""
    times = [t for step in steps for t in (step.started_at, step.ended_at) if t is not None]
    return stopped_at or max(times, default=datetime.now(UTC))


def _events(reach: Reach, meant: Standing, seen: int) -> Iterator[dict[str, Any]]:
    """The events after `seen`, in the form that `Progress` reads: asked for from the latest back, since a long run has
    many pages, of which the last is new."""
    from leeward.operations.reach import plain_errors  # noqa: PLC0415

    fresh: list[Any] = []
    with plain_errors("states:GetExecutionHistory", meant.region):
        pages = reach.client("stepfunctions", meant.region).get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=meant.run.execution, reverseOrder=True):
            fresh += [event for event in page["events"] if int(event["id"]) > seen]
            if not page["events"] or int(page["events"][-1]["id"]) <= seen:
                break
    for event in reversed(fresh):
        yield {**event, "timestamp": event["timestamp"].isoformat()}
