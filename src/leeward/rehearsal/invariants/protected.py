"""protected: each machine that serves has a copy to recover from, or the run's journal says since when it has none."""

from __future__ import annotations

from leeward.base import durations
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def protected(record: RunRecord) -> InvariantReport:
    """A recovered server has no protected copy until replication has been reversed and its first synchronisation is
    over (DRS user guide, "Performing a failback"). That cannot be helped; that nobody is told can. The application's
    objective `unprotected` says how long is too long.

    StopReplication deletes every point-in-time snapshot, and a source server that is disconnected or deleted takes its
    chain with it. So no such call is made while nothing else holds a copy of the machine that serves."""
    early = [each for each in record.destroyed_copies if not each.replaced]
    if early:
        lost = min(early, key=lambda each: each.at)
        detail = f"{lost.operation} at {lost.at:%H:%M:%S} gave up the last copy of {lost.machine}, in {lost.region}"
        return InvariantReport(name="protected", held=False, detail=detail)
    unreported = [bare for bare in record.unprotected_machines if not bare.reported]
    if unreported:
        first = min(unreported, key=lambda bare: bare.since)
        detail = (
            f"{first.machine} in {first.region} has no copy since {first.since:%H:%M:%S}, and the journal is silent"
        )
        return InvariantReport(name="protected", held=False, detail=detail)
    if not record.unprotected_machines:
        return InvariantReport(name="protected", held=True, detail="every machine that served had a copy")
    longest = max((bare.until or record.ended_at) - bare.since for bare in record.unprotected_machines)
    limit = record.unprotected_seconds
    if limit is not None and longest.total_seconds() > limit:
        detail = (
            f"a machine served without a copy for {durations.format_duration(longest)}, of "
            f"{durations.format_duration(limit)} at most"
        )
        return InvariantReport(name="protected", held=False, detail=detail)
    still = sum(1 for bare in record.unprotected_machines if bare.until is None)
    lasting = f", {still} of them still" if still else ""
    machines = len({bare.machine for bare in record.unprotected_machines})
    detail = f"{machines} machines without a copy for up to {durations.format_duration(longest)}{lasting}; "
    "the journal says so"
    return InvariantReport(name="protected", held=True, detail=detail)
