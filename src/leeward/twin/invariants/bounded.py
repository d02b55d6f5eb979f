"""bounded: every run ends, or waits for a named person, within a time computed from its machine."""

from __future__ import annotations

from leeward.common import durations
from leeward.twin.invariants.record import Record
from leeward.twin.report import InvariantReport


def bounded(record: Record) -> InvariantReport:
    """A run that waits for ever holds the lock for ever, and nobody is told. Step Functions itself ends an execution at
    its TimeoutSeconds without calling anything, so a run must be over before: within the longest path of its machine
    (`state_machines.checks.bounds`), once more for each time that a person chose to try a step again."""
    took = (record.ended_at - record.started_at).total_seconds()
    limit = record.timeout_seconds
    if record.longest_seconds is not None:
        limit = min(limit, record.longest_seconds * (1 + record.tried_again_by_a_person))
    detail = f"ended after {durations.show(took)}, of {durations.show(limit)} at most"
    return InvariantReport(name="bounded", held=took <= limit, detail=detail)
