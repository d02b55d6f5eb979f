"""truth: a run that says it succeeded has done what it says; one that failed says why."""

from __future__ import annotations

from twin.invariants.record import Record
from twin.measure import served_by_from
from twin.report import InvariantReport, Outcome

# What the state machine itself says where the table cannot be written (state_machines/compile/frame.py).
UNRECORDED = "could not be recorded"


def truth(record: Record) -> InvariantReport:
    """DRS jobs have no FAILED state: a job in which no server launched is COMPLETED too, so a green run proves
    nothing by itself. A success is held against the instances and the users, save for a server whose loss the run's
    own account names (`continue`); a failure must carry its cause, and be in the journal or say that it is not."""
    launched = {launch.server for launch in record.launches if launch.succeeded}
    if record.outcome is Outcome.SUCCEEDED:
        missing = {s for s in record.servers - launched if s not in record.account}
        if missing:
            return _broken(f"succeeded, but {', '.join(sorted(missing))} did not launch")
        home = record.target if record.moves_users else record.home
        if record.ends_in is not None:
            home = " or ".join(sorted(record.ends_in))
        if served_by_from(record.requests, record.ends_in or home) is None:
            return _broken(f"succeeded, but not every user is served by {home}")
        return InvariantReport(
            name="truth", held=True, detail=f"what it was to launch has launched, all users in {home}"
        )
    if not record.cause:
        return _broken(f"ended {record.outcome} without a cause")
    if not record.tells_of_an_end and UNRECORDED not in record.cause:
        return _broken("the journal does not hold the run's end")
    return InvariantReport(name="truth", held=True, detail="the run failed and says why")


def _broken(detail: str) -> InvariantReport:
    return InvariantReport(name="truth", held=False, detail=detail)
