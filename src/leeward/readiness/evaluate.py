"""Run every check; what could not be looked at is unknown, and says why."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from leeward.common.errors import AccessDenied, LeewardError
from leeward.control.register import runs
from leeward.readiness.checks import ALL, Look
from leeward.readiness.checks.drills import SUCCEEDED
from leeward.readiness.findings import Expected, Finding, Readiness, unknown
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject


def evaluate(subject: Subject, reach: Reach) -> Readiness:
    """Look at everything. Never raises a LeewardError: what it could not see is a finding."""
    found = [finding for area, look in ALL for finding in _seen(area, look, subject, reach)]
    return Readiness.of(
        found,
        application=subject.application,
        runbook=subject.runbook,
        region=subject.region,
        at=reach.now,
        expected=_expected(subject, reach),
    )


def _seen(area: str, look: Look, subject: Subject, reach: Reach) -> Iterator[Finding]:
    """The findings of one check; those that it made before it met an error are kept."""
    try:
        yield from look(subject, reach)
    except LeewardError as error:
        fix = "grant the permission that the message names" if isinstance(error, AccessDenied) else "look again"
        yield unknown(area, subject.application, f"{type(error).__name__}: {error}", fix)


def _expected(subject: Subject, reach: Reach) -> Expected:
    """The median of the runbook's own runs that succeeded, told with their number."""
    try:
        took = [
            (run.ended_at - run.began_at).total_seconds()
            for run in runs(reach.table, subject.application)
            if run.runbook == subject.runbook and run.ended_at is not None and run.outcome == SUCCEEDED
        ]
    except LeewardError as error:
        return Expected(seconds=None, objective_seconds=subject.rto_seconds, source=f"the journal is silent: {error}")
    if not took:
        source = f"no run of {subject.runbook} has succeeded yet: see leeward plan, or rehearse it"
        return Expected(seconds=None, objective_seconds=subject.rto_seconds, source=source)
    return Expected(
        seconds=round(median(took)),
        objective_seconds=subject.rto_seconds,
        source=f"the median of {len(took)} runs that succeeded",
    )
