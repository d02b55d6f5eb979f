"""Format times, durations, and numbers for the report."""

from __future__ import annotations

from datetime import datetime

from leeward.base import durations
from leeward.evidence.model import Evidence, EvidenceStepStatus


def format_duration(seconds: float | None) -> str:
    """Return `27m25s`, or `8.4s` below ten seconds, or `-` for None."""
    if seconds is None:
        return "-"
    return f"{seconds:.1f}s" if 0.05 < seconds < 10 else durations.format_duration(round(seconds))  # noqa: PLR2004


def format_clock(at: datetime | None) -> str:
    """Return the UTC time as `09:07:00`, or `-` for None."""
    return "-" if at is None else f"{at:%H:%M:%S}"


def format_time(at: datetime | None) -> str:
    """Return `2026-03-01 09:07:00 UTC`, or `-` for None."""
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def format_since_incident(at: datetime, evidence: Evidence) -> str:
    """Return the offset from the incident, such as `T+2m`. Without an incident, the offset is from the start."""
    offset = (at - (evidence.incident_at or evidence.started_at)).total_seconds()
    return f"T{'-' if offset < 0 else '+'}{durations.format_duration(round(abs(offset)))}"


def format_number(number: float | None) -> str:
    """Return `1,234` for 1234, or `-` for None."""
    return "-" if number is None else f"{number:,.0f}"


def describe_verdict(evidence: Evidence) -> str:
    """Return the verdict in one line."""
    subject = f"{evidence.application} {evidence.runbook}"
    if evidence.outcome == "running":
        return f"{subject} has been running since {format_time(evidence.started_at)}"
    if evidence.outcome != "succeeded":
        reason = f": {evidence.error}" if evidence.error else ""
        reason += next((f" in {step.name}" for step in evidence.steps if step.status is EvidenceStepStatus.FAILED), "")
        return f"{subject} {evidence.outcome.replace('_', ' ')}{reason}"
    missed = [name for name, result in (("RTO", evidence.rto), ("RPO", evidence.rpo)) if not result.met]
    broken = [promise.name for promise in evidence.promises if not promise.held]
    if missed:
        return f"{subject} succeeded, but missed its {' and its '.join(missed)}"
    if broken:
        return f"{subject} succeeded, but broke a promise: {', '.join(broken)}"
    measured, objective = (
        format_duration(evidence.rto.measured_seconds),
        format_duration(evidence.rto.objective_seconds),
    )
    return f"{subject} succeeded and met its objectives: {measured} of {objective}"
