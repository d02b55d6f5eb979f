"""The runs that there are: in which Region, since when, and how they stand.

Each Region's table lists the runs that entered it. A Region that does not answer is told as such: of its runs nothing
is known, which is not the same as that there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leeward.base.arns import Arn
from leeward.common.errors import LeewardError, NotFound, Refused, Transient
from leeward.control.approvals import questions
from leeward.control.approvals.questions import Question
from leeward.control.outcome.step_failure import readable_cause
from leeward.control.run import run_index
from leeward.control.run.run_index import IndexedRun
from leeward.operations.aws_session import AwsSession, translate_aws_errors

STATUS_UNKNOWN, STATUS_FORGOTTEN = "UNKNOWN", "FORGOTTEN"


class AmbiguousRun(NotFound):
    """Several runs end as the text that was given."""

    def __init__(self, ending: str, runs: Sequence[str]) -> None:
        super().__init__(f"{ending!r} is the end of {len(runs)} runs: {', '.join(runs)}")
        self.runs = tuple(runs)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run as Step Functions sees it now. `status` is Step Functions' own word, or UNKNOWN where it does not answer.

    `resumable` is None where that is not known; `why_not` is Step Functions' own reason.
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
        """Whether it still acts, as far as is known."""
        return self.status in ("RUNNING", "PENDING_REDRIVE")


@dataclass(frozen=True, slots=True)
class RunListing:
    """The runs of one application, latest first; the Regions that did not answer, with what they did instead; and those
    where nothing of it is deployed."""

    runs: tuple[RunStatus, ...]
    unreachable_regions: dict[str, str]
    undeployed_regions: tuple[str, ...] = ()


def list_runs(aws: AwsSession, application: str, regions: Sequence[str], *, limit: int = 20) -> RunListing:
    """The latest runs of an application in its Regions. Raises what is wrong with the credentials."""
    found: list[RunStatus] = []
    silent: dict[str, str] = {}
    absent: list[str] = []
    for region in regions:
        try:
            with translate_aws_errors("dynamodb:Query", region):
                listed = run_index.list_runs(aws.open_table(region, application), application)[:limit]
        except Transient as error:
            silent[region] = str(error)
            continue
        except NotFound:
            absent.append(region)
            continue
        found += [read_run_status(aws, run) for run in listed]
    return RunListing(
        tuple(sorted(found, key=lambda s: s.record.began_at, reverse=True)[:limit]), silent, tuple(absent)
    )


def read_run_status(aws: AwsSession, record: IndexedRun) -> RunStatus:
    """How one run stands."""
    region = Arn.parse(record.execution).region
    try:
        with translate_aws_errors("states:DescribeExecution", region):
            told = aws.client("stepfunctions", region).describe_execution(executionArn=record.execution)
    except Transient:
        return RunStatus(record, region, STATUS_UNKNOWN)
    except (NotFound, Refused) as error:
        if "ExecutionDoesNotExist" in str(error):  # Step Functions forgets after 90 days
            return RunStatus(
                record,
                region,
                STATUS_FORGOTTEN,
                record.ended_at,
                resumable=False,
                not_resumable_reason="Step Functions has forgotten it",
            )
        raise
    status = told.get("redriveStatus")
    return RunStatus(
        record,
        region,
        told["status"],
        told.get("stopDate"),
        told.get("error"),
        readable_cause(told.get("cause")),
        int(told.get("redriveCount") or 0),
        None if status is None else status == "REDRIVABLE",
        told.get("redriveStatusReason"),
    )


def find_run(listing: RunListing, id_or_ending: str) -> RunStatus:
    """The run with this id, or the only one whose id, or execution's name, ends so. Raises NotFound, Ambiguous."""
    exact = [s for s in listing.runs if id_or_ending in (s.record.run, s.record.execution)]
    ending = exact or [s for s in listing.runs if s.record.run.endswith(id_or_ending)]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise AmbiguousRun(id_or_ending, [s.record.run for s in ending])
    unknown = "".join(f"; {region} did not answer, and may have it" for region in listing.unreachable_regions)
    raise NotFound(f"there is no run {id_or_ending!r}{unknown}")


def list_open_questions(aws: AwsSession, run_status: RunStatus) -> list[Question]:
    """What the run waits to be told, latest first; its tokens are not shown to anyone."""
    if not run_status.is_running:
        return []
    try:
        with translate_aws_errors("dynamodb:Query", run_status.region):
            return questions.open_questions(
                aws.open_table(run_status.region, run_status.record.application), run_status.record.run
            )
    except LeewardError:
        return []
