"""The runs that there are: in which Region, since when, and how they stand.

Each Region's table lists the runs that entered it. A Region that does not answer is told as such: of its runs nothing
is known, which is not the same as that there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leeward.common.arns import Arn
from leeward.common.errors import LeewardError, NotFound, Refused, Transient
from leeward.control import questions, register
from leeward.control.failure import plain_cause
from leeward.control.questions import Question
from leeward.control.register import Registered
from leeward.operations.reach import Reach, plain_errors

UNKNOWN, GONE = "UNKNOWN", "FORGOTTEN"


class Ambiguous(NotFound):
    """Several runs end as the text that was given."""

    def __init__(self, given: str, runs: Sequence[str]) -> None:
        super().__init__(f"{given!r} is the end of {len(runs)} runs: {', '.join(runs)}")
        self.runs = tuple(runs)


@dataclass(frozen=True, slots=True)
class Standing:
    """A run as Step Functions sees it now. `status` is Step Functions' own word, or UNKNOWN where it does not answer.

    `resumable` is None where that is not known; `why_not` is Step Functions' own reason.
    """

    run: Registered
    region: str
    status: str
    stopped_at: datetime | None = None
    error: str | None = None
    cause: str | None = None
    redrives: int = 0
    resumable: bool | None = None
    why_not: str | None = None

    @property
    def running(self) -> bool:
        """Whether it still acts, as far as is known."""
        return self.status in ("RUNNING", "PENDING_REDRIVE")


@dataclass(frozen=True, slots=True)
class Found:
    """The runs of one application, latest first; the Regions that did not answer, with what they did instead; and those
    where nothing of it is deployed."""

    runs: tuple[Standing, ...]
    silent: dict[str, str]
    absent: tuple[str, ...] = ()


def runs_of(reach: Reach, application: str, regions: Sequence[str], *, most: int = 20) -> Found:
    """The latest runs of an application in its Regions. Raises what is wrong with the credentials."""
    found: list[Standing] = []
    silent: dict[str, str] = {}
    absent: list[str] = []
    for region in regions:
        try:
            with plain_errors("dynamodb:Query", region):
                listed = register.runs(reach.table(region, application), application)[:most]
        except Transient as error:
            silent[region] = str(error)
            continue
        except NotFound:
            absent.append(region)
            continue
        found += [standing(reach, run) for run in listed]
    return Found(tuple(sorted(found, key=lambda s: s.run.began_at, reverse=True)[:most]), silent, tuple(absent))


def standing(reach: Reach, run: Registered) -> Standing:
    """How one run stands."""
    region = Arn.parse(run.execution).region
    try:
        with plain_errors("states:DescribeExecution", region):
            told = reach.client("stepfunctions", region).describe_execution(executionArn=run.execution)
    except Transient:
        return Standing(run, region, UNKNOWN)
    except (NotFound, Refused) as error:
        if "ExecutionDoesNotExist" in str(error):  # Step Functions forgets after 90 days
            return Standing(run, region, GONE, run.ended_at, resumable=False, why_not="Step Functions has forgotten it")
        raise
    status = told.get("redriveStatus")
    return Standing(
        run,
        region,
        told["status"],
        told.get("stopDate"),
        told.get("error"),
        plain_cause(told.get("cause")),
        int(told.get("redriveCount") or 0),
        None if status is None else status == "REDRIVABLE",
        told.get("redriveStatusReason"),
    )


def resolve(found: Found, given: str) -> Standing:
    """The run with this id, or the only one whose id, or execution's name, ends so. Raises NotFound, Ambiguous."""
    exact = [s for s in found.runs if given in (s.run.run, s.run.execution)]
    ending = exact or [s for s in found.runs if s.run.run.endswith(given)]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise Ambiguous(given, [s.run.run for s in ending])
    unknown = "".join(f"; {region} did not answer, and may have it" for region in found.silent)
    raise NotFound(f"there is no run {given!r}{unknown}")


def questions_of(reach: Reach, standing: Standing) -> list[Question]:
    """What the run waits to be told, latest first; its tokens are not shown to anyone."""
    if not standing.running:
        return []
    try:
        with plain_errors("dynamodb:Query", standing.region):
            return questions.open_questions(reach.table(standing.region, standing.run.application), standing.run.run)
    except LeewardError:
        return []
