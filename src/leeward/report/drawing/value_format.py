"""Times and figures as the report writes them."""

from __future__ import annotations

from datetime import datetime

from leeward.base import durations
from leeward.evidence.model import Evidence, EvidenceStepStatus


def format_duration(seconds: float | None) -> str:
    """`27m25s`; a dash for what was not measured. Under ten seconds with a tenth."""
    if seconds is None:
        return "-"
    return f"{seconds:.1f}s" if 0.05 < seconds < 10 else durations.format_duration(round(seconds))  # noqa: PLR2004


def format_clock(at: datetime | None) -> str:
    """`09:07:00`, UTC."""
    return "-" if at is None else f"{at:%H:%M:%S}"


def format_time(at: datetime | None) -> str:
    """`2026-03-01 09:07:00 UTC`."""
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def format_since_incident(at: datetime, evidence: Evidence) -> str:
    """`T+2m` after the incident, or after the start where there was none."""
    gap = (at - (evidence.incident_at or evidence.started_at)).total_seconds()
    return f"T{'-' if gap < 0 else '+'}{durations.format_duration(round(abs(gap)))}"


def format_number(figure: float | None) -> str:
    """1234 -> `1,234`."""
    return "-" if figure is None else f"{figure:,.0f}"


def describe_verdict(evidence: Evidence) -> str:
    """The verdict in one line."""
    what = f"{evidence.application} {evidence.runbook}"
    if evidence.outcome == "running":
        return f"{what} goes on since {format_time(evidence.started_at)}"
    if evidence.outcome != "succeeded":
        why = f": {evidence.error}" if evidence.error else ""
        why += next((f" in {step.name}" for step in evidence.steps if step.status is EvidenceStepStatus.FAILED), "")
        return f"{what} {evidence.outcome.replace('_', ' ')}{why}"
    missed = [name for name, o in (("RTO", evidence.rto), ("RPO", evidence.rpo)) if not o.met]
    broken = [promise.name for promise in evidence.promises if not promise.held]
    if missed:
        return f"{what} succeeded, but missed its {' and its '.join(missed)}"
    if broken:
        return f"{what} succeeded, but broke a promise: {', '.join(broken)}"
    took, of = format_duration(evidence.rto.measured_seconds), format_duration(evidence.rto.objective_seconds)
    return f"{what} succeeded and met its objectives: {took} of {of}"
