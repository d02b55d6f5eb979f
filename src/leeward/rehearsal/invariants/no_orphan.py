"""no-orphan: all that a run created is in the end in use, or removed, or listed."""

from __future__ import annotations

from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def no_orphan(record: RunRecord) -> InvariantReport:
    """DRS launches instances and, when replication is reversed, makes source servers; both cost money every hour and
    belong to nobody once the run is over. What is still there must serve, or be named by the run's journal, which is
    where a person looks for what is left to take away."""
    lost = [made for made in record.created_resources if not made.in_use and not made.listed]
    if lost:
        named = ", ".join(sorted(f"{made.kind} {made.id} of {made.server} in {made.region}" for made in lost))
        return InvariantReport(name="no-orphan", held=False, detail=f"nothing uses and nothing lists {named}")
    left = sum(1 for made in record.created_resources if not made.in_use)
    used = len(record.created_resources) - left
    return InvariantReport(
        name="no-orphan", held=True, detail=f"{used} in use, {left} left and listed, the rest removed"
    )
