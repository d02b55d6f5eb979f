"""`leeward watch`: show a run on AWS or on a served twin in the live view."""

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

    from leeward.control.notifications.unsent_messages import UnsentMessage
    from leeward.operations.aws_session import AwsSession
    from leeward.operations.run_lookup import RunStatus

HELP = join_paragraphs(
    "Watch a run in the live view until it ends or you press Ctrl-C.",
    "The command reads the execution's history every few seconds, and changes nothing.",
)
EPILOG = build_epilog(
    examples=["leeward watch website.failover.20260301-090000", "leeward watch 090000 --once --json"],
    exit_codes="0 the run succeeded, or still runs with --once; 1 it did not succeed; 2 no such run; 69 no response.",
)


@with_operator_session()
def watch(
    run: RunArgument,
    *,
    session: OperatorSession,
    every: Annotated[float, typer.Option(min=0.2, metavar="SECONDS", help="The polling interval.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Show the current state and exit.")] = False,
    json: JsonOption = False,
) -> None:
    """Show a run until it ends."""
    from leeward.cli.commands.status import unsent_to_json  # noqa: PLC0415
    from leeward.cli.live_view.views import ProgressWatcher, choose_view  # noqa: PLC0415
    from leeward.cli.screens.run_list import format_unsent  # noqa: PLC0415
    from leeward.operations.run_lookup import list_unsent_messages, read_run_status  # noqa: PLC0415
    from leeward.rehearsal.results.result_models import LiveViewFrame, RunStepStatus  # noqa: PLC0415
    from leeward.rehearsal.results.step_progress import StepProgress  # noqa: PLC0415
    from leeward.state_machines.build import build_runbook  # noqa: PLC0415

    with translate_operation_errors():
        document, run_status = session.find_run(run)
        record = run_status.record
        compiled = build_runbook(session.project / "runbooks", record.application, record.runbook).compiled
        progress, last_event_id = StepProgress(compiled.steps), 0
        with ProgressWatcher(choose_view(create_stdout_console(), json=json)) as show:
            while True:
                for event in _read_new_events(session.aws, run_status, last_event_id):
                    last_event_id = int(event["id"])
                    progress.observe(event)
                run_status = read_run_status(session.aws, record)
                is_ended = not (run_status.is_running or run_status.status == "UNKNOWN")
                # The journal is read only when it matters: an operator may not know that the run waits.
                is_asking = any(step.status is RunStepStatus.ASKING for step in progress.steps)
                unsent = list_unsent_messages(session.aws, run_status) if is_asking or is_ended or once else []
                latest = _find_latest_time(progress.steps, run_status.stopped_at)
                frame = LiveViewFrame(
                    application=record.application,
                    runbook=record.runbook,
                    origin=record.origin,
                    target=record.target,
                    at=latest,
                    incident_at=record.began_at,
                    incident=False,
                    started_at=record.began_at,
                    rto_seconds=int(document.objectives.rto.total_seconds()),
                    steps=progress.steps,
                    users={},
                    note=_describe_run(run_status, unsent),
                    where=f"on a twin, {session.aws.endpoint_url}"
                    if session.aws.endpoint_url
                    else f"in {run_status.region}",
                )
                show(frame)
                if once or is_ended:
                    break
                time.sleep(every)
    if json:
        outcome: dict[str, object] = {"status": run_status.status, "error": run_status.error, "cause": run_status.cause}
        outcome["unsent_messages"] = [unsent_to_json(message) for message in unsent]
        print_json({"run": record.run, **outcome, "steps": [step.model_dump(mode="json") for step in progress.steps]})
    else:
        create_stdout_console().print(
            f"{record.run}: {run_status.status}" + (f", {run_status.error}" if run_status.error else "")
        )
        if run_status.cause:
            create_stdout_console().print(run_status.cause, soft_wrap=True)
        for line in format_unsent(unsent):
            create_stdout_console().print(line, soft_wrap=True)
    is_ok = run_status.status in ("SUCCEEDED", "RUNNING", "PENDING_REDRIVE")
    raise typer.Exit(ExitCode.SUCCESS if is_ok else ExitCode.ISSUES_FOUND)


def _describe_run(run_status: RunStatus, unsent: list[UnsentMessage]) -> str:
    note = f"run {run_status.record.run}, {run_status.status}"
    return f"{note}; the team could not be notified: {unsent[-1].error}" if unsent else note


def _find_latest_time(steps: list[Any], stopped_at: datetime | None) -> datetime:
    """Return the time of the latest step event, because a twin's clock differs from the local clock."""
    times = [t for step in steps for t in (step.started_at, step.ended_at) if t is not None]
    return stopped_at or max(times, default=datetime.now(UTC))


def _read_new_events(aws: AwsSession, run_status: RunStatus, last_event_id: int) -> Iterator[dict[str, Any]]:
    """Yield the events after `last_event_id` in the form that `StepProgress` reads.

    Reads the history from the latest event backwards, because only the last pages of a long run are new.
    """
    from leeward.operations.aws_session import translate_aws_errors  # noqa: PLC0415

    new_events: list[Any] = []
    with translate_aws_errors("states:GetExecutionHistory", run_status.region):
        pages = aws.client("stepfunctions", run_status.region).get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=run_status.record.execution, reverseOrder=True):
            new_events += [event for event in page["events"] if int(event["id"]) > last_event_id]
            if not page["events"] or int(page["events"][-1]["id"]) <= last_event_id:
                break
    for event in reversed(new_events):
        yield {**event, "timestamp": event["timestamp"].isoformat()}
