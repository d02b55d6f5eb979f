"""Checks the `claims` invariant: each step did what it claims, compared with the world at that moment."""

from __future__ import annotations

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport


def claims(record: RunRecord) -> InvariantReport:
    """Check each claim of each step that was done against the simulated world when the step ended.

    Later steps, the summary, and the evidence rely on these claims. A step that reports success without acting, or
    without looking, is found even if nothing depends on it in this run.
    """
    wrong = [claim for claim in record.claims if claim.problem is not None]
    if wrong:
        first = wrong[0]
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        detail = f"the step {first.step} claims {first.text!r}, but {first.problem}{more}"
        return InvariantReport.violation("claims", detail, len(record.claims))
    detail = "every step did what it claims"
    return InvariantReport.of("claims", len(record.claims), detail, otherwise="no step was done")


INVARIANT = Invariant(
    "claims",
    "Each step that reports success did what it claims",
    claims,
)
