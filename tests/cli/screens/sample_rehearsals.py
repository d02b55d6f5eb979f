"""Rehearsals and moments made by hand: the screens are drawn from these, whatever the twin does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome import run_summary
from leeward.control.outcome.step_failure import StepFailure
from leeward.control.run.run_reference import RunbookStep, RunRef
from leeward.rehearsal.results.objectives import MeasurementBasis, RehearsalObjective
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.reports.usage_report import MeasuredUsage
from leeward.rehearsal.results.result_models import (
    ClientsReport,
    ExecutionOutcome,
    LiveViewFrame,
    RehearsalResult,
    RunStepStatus,
    StepPartReport,
    StepReport,
)

INCIDENT = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
STARTED = INCIDENT + timedelta(minutes=2)
DONE, FAILED, RUNNING, ASKING, NOT_REACHED = (
    RunStepStatus.DONE,
    RunStepStatus.FAILED,
    RunStepStatus.RUNNING,
    RunStepStatus.ASKING,
    RunStepStatus.NOT_REACHED,
)
PLAN = [
    ("Take the lock", "lock", 0, 1, "lock of website taken"),
    ("Check that the failover can succeed", "preflight", 1, 4, "3 servers ready, worst lag 8s of 5m"),
    ("Ask for approval", "approval.request", 5, 62, "approved by on-call engineer"),
    ("Recover the servers", "drs.recover", 67, 690, "3 of 3 servers launched in 2 waves"),
    ("Protect the recovered servers", "drs.protect", 757, 1, "termination protection on for 3 instances"),
    ("Register with the load balancer", "alb.register", 758, 75, "2 of 2 targets healthy"),
    ("Check that us-west-2 serves", "http.check", 833, 21, "2 pages answered 3 times in a row"),
    ("Send the users to us-west-2", "arc.route", 854, 2, "us-west-2 On, us-east-1 Off, read back"),
    ("Check as a user would", "http.check", 856, 51, "2 pages answered 3 times in a row"),
    ("Tell the team", "notify", 907, 1, "message sent to leeward-website"),
]
GROUPS = [
    ("database", 67, 300, "1 of 1 launched: i-0a1b2c3d4e5f60718"),
    ("home-page", 367, 330, "1 of 1 launched: i-1a1b2c3d4e5f60718"),
    ("catalogue-page", 367, 390, "1 of 1 launched: i-2a1b2c3d4e5f60718"),
]
SERVERS = ("s-11111111111111111", "s-22222222222222222")
REASONS = (
    "home-page: 1 of 1 servers of group 'home-page' did not launch: s-11111111111111111 (website-home): An error "
    "occurred (InsufficientInstanceCapacity) when calling the RunInstances operation: We currently do not have "
    "sufficient m5.large capacity in the Availability Zone you requested (us-west-2a) (drsjob-0a1b); catalogue-page: "
    "1 of 1 servers of group 'catalogue-page' did not launch: s-22222222222222222 (website-catalogue): Failed to "
    "launch the conversion server: subnet subnet-0123456789abcdef0 has no free addresses (drsjob-0a1c)"
)
RUN = RunRef(
    id="website.failover.rehearsal",
    application="website",
    runbook="failover",
    origin="us-east-1",
    target="us-west-2",
    started_at=STARTED,
)
STEP_NAMES = [RunbookStep(id=name.lower().replace(" ", "_"), name=name, kind=kind) for name, kind, *_ in PLAN]


def summary_of(reasons: str) -> str:
    """What a run says of its end when servers did not launch: written by the part that writes it on AWS."""
    entries = [
        JournalEntry(at=STARTED, event=JournalEvent.LOCK_TAKEN, step=STEP_NAMES[0].id, detail="taken"),
        *(
            JournalEntry(at=STARTED, event=JournalEvent.STEP_DONE, step=step.id, detail="done")
            for step in STEP_NAMES[:3]
        ),
        JournalEntry(at=STARTED, event=JournalEvent.STEP_FAILED, step=STEP_NAMES[3].id, detail=reasons),
    ]
    failure = StepFailure(step=STEP_NAMES[3].id, error="LaunchFailed", cause=reasons)
    return run_summary.summarize_run(RUN, STEP_NAMES, entries, failure, keep_lock=False)


class RowStatus(TypedDict):
    """Where a step or a group stands."""

    status: RunStepStatus
    started_at: datetime | None
    ended_at: datetime | None


def seconds_after_start(seconds: float) -> datetime:
    """So many seconds after the run began."""
    return STARTED + timedelta(seconds=seconds)


def steps_at(seconds: float) -> list[StepReport]:
    """The plan's steps as they stand so many seconds into the run."""
    return [
        StepReport(
            name=name,
            kind=kind,
            attempts=1 if seconds >= start else 0,
            detail=detail if seconds >= start + took else ("job drsjob-0a1b: 0 of 1" if seconds >= start else ""),
            parts=_groups_at(seconds) if kind == "drs.recover" else [],
            **_status_at(seconds, start, took),
        )
        for name, kind, start, took, detail in PLAN
    ]


def _groups_at(seconds: float) -> list[StepPartReport]:
    return [
        StepPartReport(
            name=name,
            detail=detail if seconds >= start + took else ("job drsjob-0a1b: converting" if seconds >= start else ""),
            **_status_at(seconds, start, took),
        )
        for name, start, took, detail in GROUPS
    ]


def _status_at(seconds: float, start: int, took: int) -> RowStatus:
    if seconds < start:
        return {"status": NOT_REACHED, "started_at": None, "ended_at": None}
    if seconds < start + took:
        return {"status": RUNNING, "started_at": seconds_after_start(start), "ended_at": None}
    return {"status": DONE, "started_at": seconds_after_start(start), "ended_at": seconds_after_start(start + took)}


def moment(seconds: float, *, steps: Sequence[StepReport] | None = None, **changes: object) -> LiveViewFrame:
    """One moment of the plan, so many seconds into the run (before it, when negative)."""
    users = {"us-east-1": 0, "us-west-2": 0, "nobody": 5}
    if seconds < -120:
        users = {"us-east-1": 5, "us-west-2": 0, "nobody": 0}
    elif seconds >= 884:
        users = {"us-east-1": 0, "us-west-2": 5, "nobody": 0}
    values = {
        "application": "website",
        "runbook": "failover",
        "origin": "us-east-1",
        "target": "us-west-2",
        "at": seconds_after_start(seconds),
        "incident_at": INCIDENT,
        "started_at": STARTED if seconds >= 0 else None,
        "rto_seconds": 1800,
        "steps": steps_at(seconds) if steps is None else list(steps),
        "users": users,
        "note": "us-east-1 is dark",
    }
    return LiveViewFrame.model_validate({**values, **changes})


def rehearsal(**changes: object) -> RehearsalResult:
    """A rehearsal that passed, or what `changes` make of it."""
    values: dict[str, object] = {
        "application": "website",
        "runbook": "failover",
        "scenario": "region-dark",
        "seed": 7,
        "run": "website-failover-20260301T090700Z",
        "outcome": ExecutionOutcome.SUCCEEDED,
        "error": None,
        "cause": None,
        "incident_at": INCIDENT,
        "started_at": STARTED,
        "ended_at": seconds_after_start(908),
        "rto": RehearsalObjective.measured(1800, 1004, MeasurementBasis.CLIENTS),
        "rpo": RehearsalObjective.measured(300, 8, MeasurementBasis.SERVERS),
        "steps": steps_at(10_000),
        "clients": ClientsReport(requests=8140, failed=5020, downtime_seconds=1004),
        "usage": MeasuredUsage(
            state_transitions=143,
            lambda_invocations=61,
            api_calls={"drs:DescribeJobs": 44, "drs:StartRecovery": 3, "dynamodb:PutItem": 71},
        ),
        "invariants": [
            InvariantReport(name="exactly once", held=True, detail="3 servers, each launched by one job", checked=3),
            InvariantReport(name="single writer", held=True, detail="never two Regions with a control On", checked=3),
            InvariantReport(name="static stability", held=True, detail="no call to us-east-1 was needed", checked=3),
            InvariantReport(name="served", held=True, detail="users only sent where the pages answered", checked=3),
            InvariantReport(name="bounded", held=True, detail="ended in 15m8s of 2h", checked=3),
            InvariantReport(name="truth", held=True, detail="all servers launched, all users in us-west-2", checked=3),
        ],
        "history": "build/rehearsals/website-failover-region-dark-7.json",
    }
    return RehearsalResult.model_validate({**values, **changes})


def launch_failed() -> RehearsalResult:
    """Two of three servers did not launch; the run stopped there."""
    steps = steps_at(500)
    recover = steps[3]
    parts = [
        recover.parts[0],
        *(
            StepPartReport(
                name=p.name, status=FAILED, started_at=p.started_at, ended_at=seconds_after_start(500), detail=reason
            )
            for p, reason in zip(
                recover.parts[1:],
                [f"{s} did not launch" for s in SERVERS],
                strict=True,
            )
        ),
    ]
    steps[3] = StepReport(
        name=recover.name,
        kind=recover.kind,
        status=FAILED,
        attempts=1,
        started_at=recover.started_at,
        ended_at=seconds_after_start(500),
        detail=f"LaunchFailed: {REASONS}",
        parts=parts,
    )
    return rehearsal(
        outcome=ExecutionOutcome.FAILED,
        error="LaunchFailed",
        cause=summary_of(REASONS),
        ended_at=seconds_after_start(501),
        steps=steps,
        rto=RehearsalObjective.never_reached(
            1800, MeasurementBasis.CLIENTS, "us-west-2 served 0 of 5 clients at the end"
        ),
        clients=ClientsReport(requests=6005, failed=4000, downtime_seconds=800),
    )
