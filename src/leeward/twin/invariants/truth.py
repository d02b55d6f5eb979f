"""truth: a run that succeeded has done what it says; one that failed says what was done, what was not, and what now."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.twin.invariants.record import Record
from leeward.twin.measure import served_by_from
from leeward.twin.report import InvariantReport, Outcome, StepStatus

# The titles of control.outcome's lines under which a step that was reached may be named.
_REACHED = ("Done:", "Undone again:", "Passed over:", "Also failed:", "Begun, not finished:", "Failed:")

# What the last task says where the table cannot be written (lambdas/run_end.py).
UNRECORDED = "could not be recorded"


def truth(record: Record) -> InvariantReport:
    """DRS jobs have no FAILED state: a job in which no server launched is COMPLETED too, so a green run proves
    nothing by itself. A success is held against the instances and the users, save for a server whose loss the run's
    own account names (`continue`); a failure must carry its cause, and be right about each of its steps. Whoever stops
    an execution stops its words too: the next run is told by the lock, which such a run keeps."""
    if record.outcome is Outcome.SUCCEEDED:
        wrong, right = _of_success(record), "what it was to launch has launched, all users in " + _named_homes(record)
    elif record.outcome is Outcome.FAILED:
        wrong, right = _of_failure(record), "the run failed; it says what was done, what was not, and what now"
    else:
        wrong, right = _of_stopped(record), f"{record.outcome}; its lock tells the next run"
    return InvariantReport(name="truth", held=wrong is None, detail=wrong or right)


def _homes(record: Record) -> frozenset[str]:
    """Where users may be once the run has succeeded."""
    return record.ends_in or frozenset({record.target if record.moves_users else record.home})


def _named_homes(record: Record) -> str:
    return " or ".join(sorted(_homes(record)))


def _of_success(record: Record) -> str | None:
    launched = {launch.server for launch in record.launches if launch.succeeded}
    missing = {server for server in record.servers - launched if server not in record.account}
    if missing:
        return f"succeeded, but {', '.join(sorted(missing))} did not launch"
    if served_by_from(record.requests, _homes(record)) is None:
        return f"succeeded, but not every user is served by {_named_homes(record)}"
    return _of_evidence(record)


def _of_stopped(record: Record) -> str | None:
    if record.took_the_lock and record.told == "running" and record.lock_held_by != record.run:
        return f"ended {record.outcome}, and its lock does not tell the next run"
    return None


def _of_failure(record: Record) -> str | None:
    if not record.cause:
        return "failed without a cause"
    if not record.began or UNRECORDED in record.cause:
        # Refused at the door, or the state machine's own words where the table cannot be written.
        return None
    if record.told == "running":
        return "the journal does not hold the run's end"
    return _of_account(record, record.cause.splitlines()) or _of_evidence(record)


def _of_evidence(record: Record) -> str | None:
    """What the report and the board show is what happened."""
    if record.told != record.outcome:
        return f"{record.outcome}, and its evidence says {record.told}"
    for step in record.steps:
        if step.status is StepStatus.DONE and step.name not in record.told_reached:
            return f"{step.name!r} was done, and the evidence says that it was not reached"
        if step.status is StepStatus.NOT_REACHED and step.name in record.told_reached:
            return f"{step.name!r} was not reached, and the evidence says that it was"
    return None


def _of_account(record: Record, lines: Sequence[str]) -> str | None:
    reached, left = _named(lines, *_REACHED), _named(lines, "Not done:")
    for step in record.steps:
        if step.status is StepStatus.NOT_REACHED and step.name not in left:
            return f"failed, and does not say that {step.name!r} was not done"
        if step.status is StepStatus.DONE and step.name not in reached:
            return f"failed, and does not say that {step.name!r} was done"
    return None if _named(lines, "Now: ") else "failed, and does not say what to do now"


def _named(lines: Sequence[str], *titles: str) -> str:
    return "\n".join(line for line in lines if line.startswith(titles))
