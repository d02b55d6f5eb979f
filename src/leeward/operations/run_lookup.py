"""List runs with their Region, start time, and status, and find one by its ID.

Each Region's table lists the runs that target the Region. If a Region doesn't respond, its runs are unknown, and the
listing says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leeward.base.arns import Arn
from leeward.common.errors import LeewardError, NotFound, Refused, Transient
from leeward.control.approvals import questions
from leeward.control.approvals.questions import Question
from leeward.control.journal.run_journal import read_chain
from leeward.control.notifications import unsent_messages
from leeward.control.notifications.unsent_messages import UnsentMessage
from leeward.control.outcome.step_failure import readable_cause
from leeward.control.run import run_index
from leeward.control.run.run_index import IndexedRun
from leeward.operations.aws_session import AwsSession, translate_aws_errors

STATUS_UNKNOWN, STATUS_FORGOTTEN = "UNKNOWN", "FORGOTTEN"


class AmbiguousRun(NotFound):
    """The ID or ending matches several runs."""

    def __init__(self, ending: str, runs: Sequence[str]) -> None:
        super().__init__(f"{ending!r} matches {len(runs)} runs: {', '.join(runs)}")
        self.runs = tuple(runs)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run and its current status in Step Functions.

    `status` is Step Functions' status, UNKNOWN if it doesn't respond, or FORGOTTEN after the execution history expired.
    `resumable` is None if unknown. `not_resumable_reason` is Step Functions' reason.
    """

    record: IndexedRun
    region: str
    status: str
    stopped_at: datetime | None = None
    error: str | None = None
    cause: str | None = None
    redrives: int = 0
    resumable: bool | None = None
    not_resumable_reason: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether the run is still running, as far as known."""
        return self.status in ("RUNNING", "PENDING_REDRIVE")


@dataclass(frozen=True, slots=True)
class RunListing:
    """The runs of an application, latest first.

    `unreachable_regions` maps each Region that didn't respond to its error. Nothing is deployed in
    `undeployed_regions`.
    """

    runs: tuple[RunStatus, ...]
    unreachable_regions: dict[str, str]
    undeployed_regions: tuple[str, ...] = ()


def list_runs(aws: AwsSession, application: str, regions: Sequence[str], *, limit: int = 20) -> RunListing:
    """Return the latest runs of an application in its Regions. Raises AccessDenied or NoCredentials."""
    statuses: list[RunStatus] = []
    unreachable: dict[str, str] = {}
    undeployed: list[str] = []
    for region in regions:
        try:
            with translate_aws_errors("dynamodb:Query", region):
                listed = run_index.list_runs(aws.open_table(region, application), application)[:limit]
        except Transient as error:
            unreachable[region] = str(error)
            continue
        except NotFound:
            undeployed.append(region)
            continue
        statuses += [read_run_status(aws, run) for run in listed]
    return RunListing(
        tuple(sorted(statuses, key=lambda status: status.record.began_at, reverse=True)[:limit]),
        unreachable,
        tuple(undeployed),
    )


def read_run_status(aws: AwsSession, record: IndexedRun) -> RunStatus:
    """Return the current status of a run."""
    region = Arn.parse(record.execution).region
    try:
        with translate_aws_errors("states:DescribeExecution", region):
            execution = aws.client("stepfunctions", region).describe_execution(executionArn=record.execution)
    except Transient:
        return RunStatus(record, region, STATUS_UNKNOWN)
    except (NotFound, Refused) as error:
        if "ExecutionDoesNotExist" in str(error):  # Step Functions deletes the history after 90 days
            return RunStatus(
                record,
                region,
                STATUS_FORGOTTEN,
                record.ended_at,
                resumable=False,
                not_resumable_reason="Step Functions no longer has its execution history",
            )
        raise
    redrive_status = execution.get("redriveStatus")
    return RunStatus(
        record,
        region,
        execution["status"],
        execution.get("stopDate"),
        execution.get("error"),
        readable_cause(execution.get("cause")),
        int(execution.get("redriveCount") or 0),
        None if redrive_status is None else redrive_status == "REDRIVABLE",
        execution.get("redriveStatusReason"),
    )


def find_run(listing: RunListing, id_or_ending: str) -> RunStatus:
    """Return the run with this ID or execution ARN, or the only run whose ID ends with it.

    Raises NotFound, or AmbiguousRun if several IDs match.
    """
    exact_matches = [status for status in listing.runs if id_or_ending in (status.record.run, status.record.execution)]
    matches = exact_matches or [status for status in listing.runs if status.record.run.endswith(id_or_ending)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise AmbiguousRun(id_or_ending, [status.record.run for status in matches])
    unreachable = "".join(f"; {region} did not respond, and may have it" for region in listing.unreachable_regions)
    raise NotFound(f"no run matches {id_or_ending!r}{unreachable}")


def list_open_questions(aws: AwsSession, run_status: RunStatus) -> list[Question]:
    """Return the questions that the run waits for, latest first. Return none if its table can't be read."""
    if not run_status.is_running:
        return []
    try:
        with translate_aws_errors("dynamodb:Query", run_status.region):
            return questions.open_questions(
                aws.open_table(run_status.region, run_status.record.application), run_status.record.run
            )
    except LeewardError:
        return []


def list_unsent_messages(aws: AwsSession, run_status: RunStatus) -> list[UnsentMessage]:
    """Return the messages that the run could not send to the team. Return none if its journal can't be read."""
    try:
        with translate_aws_errors("dynamodb:Query", run_status.region):
            table = aws.open_table(run_status.region, run_status.record.application)
            return unsent_messages.list_unsent_messages(read_chain(table, run_status.record.run))
    except LeewardError:
        return []
