"""Starting a run, stopping one, and letting one go on that has ended."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leeward.common.errors import LeewardError, Refused
from leeward.common.names import state_machine
from leeward.control.ends import end_of, was_undone
from leeward.control.journal import read
from leeward.control.lock import holder
from leeward.control.register import Registered
from leeward.control.run import read_input
from leeward.operations.answering import STARTED, answer
from leeward.operations.reach import Reach, plain_errors
from leeward.operations.runs import Standing, standing

# run_begin writes the run down within a second or two; without that there is nothing to sign.
_TRIES, _PAUSE_SECONDS = 10, 0.5


def start(
    reach: Reach,
    application: str,
    runbook: str,
    *,
    account: str,
    region: str,
    origin: str,
    given: Mapping[str, Any],
    name: str | None = None,
) -> Standing:
    """Start a runbook in the Region that it enters. Raises InvalidInput before anything is started, Refused when the
    name was used before for another input."""
    now = datetime.now(UTC)
    if reach.endpoint_url is None:  # the twin has a clock of its own
        read_input(dict(given), now)
    name = name or f"{now:%Y%m%d-%H%M%S}"
    arn = f"arn:{_partition(region)}:states:{region}:{account}:stateMachine:{state_machine(application, runbook)}"
    with plain_errors("states:StartExecution", region):
        told = reach.client("stepfunctions", region).start_execution(
            stateMachineArn=arn, name=name, input=json.dumps(dict(given))
        )
    begun = Registered(
        run=f"{application}.{runbook}.{name}",
        application=application,
        runbook=runbook,
        origin=origin,
        target=region,
        execution=told["executionArn"],
        began_at=told["startDate"],
    )
    return standing(reach, begun)


def sign_start(reach: Reach, started: Standing) -> str | None:
    """Have it written down who started the run; why it could not be, None when it was."""
    try:
        for _ in range(_TRIES):
            with plain_errors("dynamodb:Query", started.region):
                if read(reach.table(started.region, started.run.application), started.run.run):
                    answer(reach, started, STARTED, "started by hand")
                    return None
            time.sleep(_PAUSE_SECONDS)
    except LeewardError as error:
        return str(error)
    return "the run has not begun yet, or its input was refused"


def stop(reach: Reach, running: Standing, who: str, reason: str) -> None:
    """Stop a run where it is: nothing is undone, and its lock stays. Raises Refused for one that does not run."""
    if not running.running:
        raise Refused(f"run {running.run.run} does not run: it is {running.status}")
    with plain_errors("states:StopExecution", running.region):
        reach.client("stepfunctions", running.region).stop_execution(
            executionArn=running.run.execution, error="Stopped", cause=f"{who}: {reason}"[:32_000]
        )


def resume(reach: Reach, ended: Standing, home: str) -> Standing:
    """Let a run go on from where it stopped. Raises Refused when Step Functions, or another run's lock, forbids it.

    `home` is the Region that keeps the application's lock.
    """
    run = ended.run
    if ended.running:
        raise Refused(f"run {run.run} still runs: there is nothing to resume")
    if ended.resumable is False:
        raise Refused(f"run {run.run} can't be resumed: {ended.why_not or ended.status}. Start {run.runbook} anew")
    with plain_errors("dynamodb:Query", ended.region):
        entries = read(reach.table(ended.region, run.application), run.run)
    if end_of(entries) is not None and was_undone(entries):
        raise Refused(
            f"what run {run.run} had done was taken back: start {run.runbook} anew, with the input that its end names "
            f"(`leeward watch {run.run} --once`)"
        )
    with plain_errors("dynamodb:GetItem", home):
        held = holder(reach.table(home, run.application), run.application)
    if held is not None and held.run != run.run:
        raise Refused(
            f"run {held.run} holds the lock of {run.application} since {held.since:%Y-%m-%d %H:%M:%S} UTC: "
            f"{run.run} can go on once that has ended"
        )
    with plain_errors("states:RedriveExecution", ended.region):
        reach.client("stepfunctions", ended.region).redrive_execution(executionArn=run.execution)
    return standing(reach, run)


def who_am_i(reach: Reach, region: str) -> str:
    """The caller's own ARN; on a twin the name that was given."""
    if reach.endpoint_url is not None:
        return reach.who
    with plain_errors("sts:GetCallerIdentity", region):
        return str(reach.client("sts", region).get_caller_identity()["Arn"])


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
