"""`leeward watch RUN`: the live view of a rehearsal, of a run on AWS or on a served twin."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import (
    JsonOption,
    OperatorSession,
    RunArgument,
    print_json,
    translate_operation_errors,
)
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.rendering.terminal import create_stdout_console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leeward.operations.aws_session import AwsSession
    from leeward.operations.run_lookup import RunStatus

HELP = join_paragraphs(
    "Watch a run until it ends, or until Ctrl-C: the same view as a rehearsal's.",
    "What is shown is the execution's own history, read every few seconds. Watching changes nothing.",
)
EPILOG = build_epilog(
    examples=["leeward watch website.failover.20260301-090000", "leeward watch 090000 --once --json"],
    exit_codes="0 the run succeeded, or goes on after --once; 1 it did not succeed; 2 no such run; 69 no answer.",
)


@with_operator_session()
def watch(
    run: RunArgument,
    *,
    session: OperatorSession,
    every: Annotated[float, typer.Option(min=0.2, metavar="SECONDS", help="How often to look.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    json: JsonOption = False,
) -> None:
    """`leeward watch RUN`."""
    from leeward.cli.live_view.views import ProgressWatcher, choose_view  # noqa: PLC0415
    from leeward.operations.run_lookup import read_run_status  # noqa: PLC0415
    from leeward.rehearsal.results.result_models import LiveViewFrame  # noqa: PLC0415
    from leeward.rehearsal.results.step_progress import StepProgress  # noqa: PLC0415
    from leeward.state_machines.build import build_runbook  # noqa: PLC0415

    with translate_operation_errors():
        document, meant = session.find_run(run)
        compiled = build_runbook(session.project / "runbooks", meant.record.application, meant.record.runbook).compiled
        progress, seen = StepProgress(compiled.steps), 0
        with ProgressWatcher(choose_view(create_stdout_console(), json=json)) as show:
            while True:
                for event in _read_new_events(session.aws, meant, seen):
                    seen = int(event["id"])
                    progress.observe(event)
                meant = read_run_status(session.aws, meant.record)
                latest = _find_latest_time(progress.steps, meant.stopped_at)
                moment = LiveViewFrame(
                    application=meant.record.application,
                    runbook=meant.record.runbook,
                    origin=meant.record.origin,
                    target=meant.record.target,
                    at=latest,
                    incident_at=meant.record.began_at,
                    started_at=meant.record.began_at,
                    rto_seconds=int(document.objectives.rto.total_seconds()),
                    steps=progress.steps,
                    users={},
                    note=f"run {meant.record.run}, {meant.status}",
                    where=f"on a twin, {session.aws.endpoint_url}"
                    if session.aws.endpoint_url
                    else f"in {meant.region}",
                )
                show(moment)
                if once or not (meant.is_running or meant.status == "UNKNOWN"):
                    break
                time.sleep(every)
    if json:
        print_json({"run": meant.record.run, "status": meant.status, "error": meant.error, "cause": meant.cause,
                    "steps": [step.model_dump(mode="json") for step in progress.steps]})  # fmt: skip
    else:
        create_stdout_console().print(
            f"{meant.record.run}: {meant.status}" + (f", {meant.error}" if meant.error else "")
        )
        if meant.cause:
            create_stdout_console().print(meant.cause, soft_wrap=True)
    well = meant.status in ("SUCCEEDED", "RUNNING", "PENDING_REDRIVE")
    raise typer.Exit(ExitCode.SUCCESS if well else ExitCode.ISSUES_FOUND)


def _find_latest_time(steps: list[Any], stopped_at: datetime | None) -> datetime:
    """The twin's clock is not ours: on it, the present is the last thing that happened."""
    times = [t for step in steps for t in (step.started_at, step.ended_at) if t is not None]
    return stopped_at or max(times, default=datetime.now(UTC))


def _read_new_events(aws: AwsSession, run_status: RunStatus, last_event_id: int) -> Iterator[dict[str, Any]]:
    """The events after `seen`, in the form that `Progress` reads: asked for from the latest back, since a long run has
    many pages, of which the last is new."""
    from leeward.operations.aws_session import translate_aws_errors  # noqa: PLC0415

    fresh: list[Any] = []
    with translate_aws_errors("states:GetExecutionHistory", run_status.region):
        pages = aws.client("stepfunctions", run_status.region).get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=run_status.record.execution, reverseOrder=True):
            fresh += [event for event in page["events"] if int(event["id"]) > last_event_id]
            if not page["events"] or int(page["events"][-1]["id"]) <= last_event_id:
                break
    for event in reversed(fresh):
        yield {**event, "timestamp": event["timestamp"].isoformat()}
