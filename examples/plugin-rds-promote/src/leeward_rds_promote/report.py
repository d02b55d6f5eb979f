"""A section of the report: the promotions of the run."""

from __future__ import annotations

from leeward.api import Evidence, ReportSection


def list_promotions(evidence: Evidence) -> ReportSection | None:
    """Return the promotions with their results, or None for a run without one."""
    steps = [step for step in evidence.steps if step.kind == "rds.promote_read_replica"]
    if not steps:
        return None
    rows = [("step", "outcome", "detail"), *((step.name, step.status.value, step.detail) for step in steps)]
    return ReportSection("Databases", rows)
