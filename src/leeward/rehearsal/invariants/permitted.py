"""Checks the `permitted` invariant: the IAM roles of the tasks allow every call that a run makes."""

from __future__ import annotations

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport

_MOST_NAMED = 3


def permitted(record: RunRecord) -> InvariantReport:
    """Check that no call was denied by the role of its task.

    IAM denies what no policy allows (IAM User Guide, "Policy evaluation logic"). Some tasks tolerate a denied call, for
    example of a metric or an event, so a run that succeeds can have one.
    """
    if not record.calls:
        return InvariantReport.not_applicable("permitted", "the run called no AWS API")
    if record.denied_calls:
        distinct = list(dict.fromkeys(record.denied_calls))
        more = f", and {len(distinct) - _MOST_NAMED} more" if len(distinct) > _MOST_NAMED else ""
        return InvariantReport(name="permitted", held=False, detail="; ".join(distinct[:_MOST_NAMED]) + more)
    detail = f"the tasks' roles allow all {len(record.calls)} calls"
    return InvariantReport(name="permitted", held=True, detail=detail, checked=len(record.calls))


INVARIANT = Invariant("permitted", "No call is denied by the IAM role of its task", permitted)
