"""Checks the `bounded` invariant: every run ends, or waits for an operator, within a computed time."""

from __future__ import annotations

from leeward.base import durations
from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def bounded(record: RunRecord) -> InvariantReport:
    """Check that the run ended within its time limit.

    A run that waits forever holds the lock forever and notifies no operator. Step Functions ends an execution at its
    TimeoutSeconds without calling any task, so a run must end before. The limit is the longest path through the machine
    (`state_machines.analysis.execution_bounds`). Each operator retry of a step adds the longest path again.
    """
    duration = (record.ended_at - record.started_at).total_seconds()
    limit = record.timeout_seconds
    if record.longest_seconds is not None:
        limit = min(limit, record.longest_seconds * (1 + record.operator_retries))
    detail = f"ended after {durations.format_duration(duration)}, of {durations.format_duration(limit)} at most"
    return InvariantReport(name="bounded", held=duration <= limit, detail=detail)


INVARIANT = Invariant(
    "bounded",
    "Every run ends, or waits for an operator, within a computed time",
    bounded,
)
