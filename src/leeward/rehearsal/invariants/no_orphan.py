"""Checks the `no-orphan` invariant: every resource that a run created is in use, removed, or listed in its journal."""

from __future__ import annotations

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport

# Creates a source server in the other Region.
_REVERSAL = "drs:ReverseReplication"


def no_orphan(record: RunRecord) -> InvariantReport:
    """Check that every remaining resource of the run is in use or listed in the journal.

    DRS launches instances, and it creates source servers when replication is reversed. Both cost money every hour, and
    they have no owner after the run. A resource that still exists must serve clients, or the run's journal must name
    it. Operators use the journal to find the resources that they have to delete.
    """
    orphans = [resource for resource in record.created_resources if not resource.in_use and not resource.listed]
    if orphans:
        names = ", ".join(
            sorted(f"{resource.kind} {resource.id} of {resource.server} in {resource.region}" for resource in orphans)
        )
        return InvariantReport(name="no-orphan", held=False, detail=f"not in use and not in the journal: {names}")
    if not record.created_resources and not _created_anything(record):
        return InvariantReport.not_applicable("no-orphan", "the run launched no server and reversed no replication")
    left = sum(1 for resource in record.created_resources if not resource.in_use)
    used = len(record.created_resources) - left
    return InvariantReport(
        name="no-orphan",
        held=True,
        detail=f"{used} in use, {left} unused but listed, all others removed",
        checked=len(record.created_resources),
    )


def _created_anything(record: RunRecord) -> bool:
    """Return whether the run created resources, even if all of them are gone."""
    launched = any(launch.run and launch.succeeded for launch in record.launches)
    return launched or any(call.operation == _REVERSAL and call.outcome == "ok" for call in record.calls)


INVARIANT = Invariant(
    "no-orphan",
    "Every resource that a run created is in use, removed, or listed",
    no_orphan,
)
