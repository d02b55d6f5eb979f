"""Start, stop, and resume runs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leeward.common.errors import LeewardError, Refused
from leeward.common.naming.resource_names import state_machine_name
from leeward.control.journal.run_journal import read_entries
from leeward.control.locking.application_lock import current_holder
from leeward.control.outcome.run_end_state import end_entry, was_undone
from leeward.control.run.run_index import IndexedRun
from leeward.control.run.run_reference import parse_input
from leeward.operations.aws_session import AwsSession, translate_aws_errors
from leeward.operations.operator_answers import START_DECISION, send_answer
from leeward.operations.run_lookup import RunStatus, read_run_status

# run_begin records the run within a second or two. Only then can its start be signed.
_MAX_ATTEMPTS, _PAUSE_SECONDS = 10, 0.5


def start_run(
    aws: AwsSession,
    application: str,
    runbook: str,
    *,
    account: str,
    region: str,
    origin: str,
    run_input: Mapping[str, Any],
    name: str | None = None,
) -> RunStatus:
    """Start a runbook in its target `region` and return the run's status.

    Raises InvalidInput before anything is started, and Refused if an earlier run with other input has the same name.
    """
    now = datetime.now(UTC)
    if aws.endpoint_url is None:  # a served twin has its own clock, so it checks times itself
        parse_input(dict(run_input), now)
    name = name or f"{now:%Y%m%d-%H%M%S}"
    machine = state_machine_name(application, runbook)
    arn = f"arn:{_get_partition(region)}:states:{region}:{account}:stateMachine:{machine}"
    with translate_aws_errors("states:StartExecution", region):
        execution = aws.client("stepfunctions", region).start_execution(
            stateMachineArn=arn, name=name, input=json.dumps(dict(run_input))
        )
    started = IndexedRun(
        run=f"{application}.{runbook}.{name}",
        application=application,
        runbook=runbook,
        origin=origin,
        target=region,
        execution=execution["executionArn"],
        began_at=execution["startDate"],
    )
    return read_run_status(aws, started)


def sign_start(aws: AwsSession, run_status: RunStatus) -> str | None:
    """Record in the journal who started the run. Return None, or the reason why that failed."""
    try:
        for _ in range(_MAX_ATTEMPTS):
            with translate_aws_errors("dynamodb:Query", run_status.region):
                if read_entries(
                    aws.open_table(run_status.region, run_status.record.application), run_status.record.run
                ):
                    send_answer(aws, run_status, START_DECISION, "started by hand")
                    return None
            time.sleep(_PAUSE_SECONDS)
    except LeewardError as error:
        return str(error)
    return "the run has not begun yet, or its input was rejected"


def stop_run(aws: AwsSession, run_status: RunStatus, stopped_by: str, reason: str) -> None:
    """Stop a run. Nothing is rolled back, and the run keeps its lock. Raises Refused if it is not running."""
    if not run_status.is_running:
        raise Refused(f"run {run_status.record.run} is not running: its status is {run_status.status}")
    with translate_aws_errors("states:StopExecution", run_status.region):
        aws.client("stepfunctions", run_status.region).stop_execution(
            executionArn=run_status.record.execution, error="Stopped", cause=f"{stopped_by}: {reason}"[:32_000]
        )


def resume_run(aws: AwsSession, run_status: RunStatus, lock_region: str) -> RunStatus:
    """Resume a run from the state where it stopped, with a redrive.

    `lock_region` is the Region that keeps the application's lock. Raises Refused if the run is running, was rolled
    back, or can't be redriven, and if another run holds the lock.
    """
    run = run_status.record
    if run_status.is_running:
        raise Refused(f"run {run.run} is still running, so it can't be resumed")
    if run_status.resumable is False:
        raise Refused(
            f"run {run.run} can't be resumed: {run_status.not_resumable_reason or run_status.status}. Start "
            f"a new run of {run.runbook}"
        )
    with translate_aws_errors("dynamodb:Query", run_status.region):
        entries = read_entries(aws.open_table(run_status.region, run.application), run.run)
    if end_entry(entries) is not None and was_undone(entries):
        raise Refused(
            f"run {run.run} was rolled back. Start a new run of {run.runbook} with the input that its end names "
            f"(`leeward watch {run.run} --once`)"
        )
    with translate_aws_errors("dynamodb:GetItem", lock_region):
        holder = current_holder(aws.open_table(lock_region, run.application), run.application)
    if holder is not None and holder.run != run.run:
        raise Refused(
            f"run {holder.run} holds the lock of {run.application} since {holder.since:%Y-%m-%d %H:%M:%S} UTC: "
            f"resume {run.run} after that run has ended"
        )
    with translate_aws_errors("states:RedriveExecution", run_status.region):
        aws.client("stepfunctions", run_status.region).redrive_execution(executionArn=run.execution)
    return read_run_status(aws, run)


def get_caller_name(aws: AwsSession, region: str) -> str:
    """Return the caller's ARN, or the name of the twin's user on a served twin."""
    if aws.endpoint_url is not None:
        return aws.twin_user
    with translate_aws_errors("sts:GetCallerIdentity", region):
        return str(aws.client("sts", region).get_caller_identity()["Arn"])


def _get_partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
