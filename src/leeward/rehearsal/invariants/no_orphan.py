"""Checks the `no-orphan` invariant: every resource that a run created is in use, removed, or listed in its journal."""

from __future__ import annotations

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport


def no_orphan(record: RunRecord) -> InvariantReport:
    """Check that every remaining resource of the run is in use or listed in the journal.

    DRS launches instances, and it creates source servers when replication is reversed. Both cost money every hour, and
    they have no owner after the run. A resource that still exists must serve clients, or the run's journal must name
    it. Operators use the journal to find the resources that they have to delete. Resources that were removed again are
    counted too.
    """
    orphans = [resource for resource in record.created_resources if not resource.in_use and not resource.listed]
    if orphans:
        names = ", ".join(
            sorted(f"{resource.kind} {resource.id} of {resource.server} in {resource.region}" for resource in orphans)
        )
        detail = f"not in use and not in the journal: {names}"
        return InvariantReport.violation("no-orphan", detail, max(record.created, len(orphans)))
    left = sum(1 for resource in record.created_resources if not resource.in_use)
    used = len(record.created_resources) - left
    return InvariantReport.of(
        "no-orphan",
        max(record.created, len(record.created_resources)),
        f"{used} in use, {left} unused but listed, all others removed",
        otherwise="the run launched no server and reversed no replication",
    )


INVARIANT = Invariant(
    "no-orphan",
    "Every resource that a run created is in use, removed, or listed",
    no_orphan,
)
