"""bounded: every run ends, or waits for a named person, within a time computed from its machine."""

from __future__ import annotations

from leeward.base import durations
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def bounded(record: RunRecord) -> InvariantReport:
    """A run that waits for ever holds the lock for ever, and nobody is told. Step Functions itself ends an execution at
    its TimeoutSeconds without calling anything, so a run must be over before: within the longest path of its machine
    (`state_machines.checks.bounds`), once more for each time that a person chose to try a step again."""
    took = (record.ended_at - record.started_at).total_seconds()
    limit = record.timeout_seconds
    if record.longest_seconds is not None:
        limit = min(limit, record.longest_seconds * (1 + record.operator_retries))
    detail = f"ended after {durations.format_duration(took)}, of {durations.format_duration(limit)} at most"
    return InvariantReport(name="bounded", held=took <= limit, detail=detail)
