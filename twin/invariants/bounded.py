"""bounded: every run ends within the time its runbook gives it."""

from __future__ import annotations

from common import durations
from twin.invariants.record import Record
from twin.report import InvariantReport


def bounded(record: Record) -> InvariantReport:
    """A run that waits for ever holds the lock for ever, and nobody is told."""
    took = (record.ended_at - record.started_at).total_seconds()
    limit = durations.show(record.timeout_seconds)
    return InvariantReport(
        name="bounded",
        held=took <= record.timeout_seconds,
        detail=f"ended after {durations.show(took)}, of {limit} at most",
    )
