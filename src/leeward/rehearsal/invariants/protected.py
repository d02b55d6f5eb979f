"""Checks the `protected` invariant: each serving machine has a copy, or the journal reports it as unprotected."""

from __future__ import annotations

from leeward.base import durations
from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport


def protected(record: RunRecord) -> InvariantReport:
    """Check that the run kept the last copy of each serving machine and reported each unprotected machine in time.

    A recovered server has no protected copy until replication is reversed and the initial sync is complete (DRS user
    guide, "Performing a failback"). This time can't be avoided, but the journal must report it. The application's
    objective `unprotected` limits how long it may last.

    StopReplication deletes every point-in-time snapshot. Disconnecting or deleting a source server deletes its
    snapshots too. A run must therefore make none of these calls while no other copy of the serving machine exists.
    """
    last_copies = [copy for copy in record.destroyed_copies if not copy.replaced]
    if last_copies:
        lost = min(last_copies, key=lambda copy: copy.at)
        detail = f"{lost.operation} at {lost.at:%H:%M:%S} deleted the last copy of {lost.machine}, in {lost.region}"
        return InvariantReport.violation("protected", detail, _count_checked(record))
    unreported = [machine for machine in record.unprotected_machines if not machine.reported]
    if unreported:
        first = min(unreported, key=lambda machine: machine.since)
        detail = (
            f"{first.machine} in {first.region} has had no copy since {first.since:%H:%M:%S}, "
            "but the journal does not report it"
        )
        return InvariantReport.violation("protected", detail, _count_checked(record))
    checked = _count_checked(record)
    if not record.unprotected_machines:
        return InvariantReport.of(
            "protected", checked, "every machine that served had a copy",
            otherwise="no server served users during the run",
        )  # fmt: skip
    longest = max((machine.until or record.ended_at) - machine.since for machine in record.unprotected_machines)
    limit = record.unprotected_seconds
    if limit is not None and longest.total_seconds() > limit:
        detail = (
            f"a machine served without a copy for {durations.format_duration(longest)}, of "
            f"{durations.format_duration(limit)} at most"
        )
        return InvariantReport.violation("protected", detail, _count_checked(record))
    still_unprotected = sum(1 for machine in record.unprotected_machines if machine.until is None)
    remainder = f", {still_unprotected} of them still" if still_unprotected else ""
    machines = len({machine.machine for machine in record.unprotected_machines})
    detail = (
        f"{machines} machines without a copy for up to {durations.format_duration(longest)}{remainder}, "
        "reported in the journal"
    )
    return InvariantReport(name="protected", held=True, detail=detail, checked=checked)


def _count_checked(record: RunRecord) -> int:
    """Return how many serving machines and deleted copies were looked at."""
    machines = record.watched_machines | {machine.machine for machine in record.unprotected_machines}
    return len(machines) + len(record.destroyed_copies)


INVARIANT = Invariant(
    "protected",
    "A last copy is deleted only after its replacement protects; unprotected machines are reported",
    protected,
)
