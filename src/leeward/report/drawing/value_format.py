"""Format times, durations, and numbers for the report."""

from __future__ import annotations

from datetime import datetime

from leeward.base import durations
from leeward.evidence.model import Evidence, EvidenceStepStatus, MeasuredObjective


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
    missed = [name for name, result in (("RTO", evidence.rto), ("RPO", evidence.rpo)) if result.missed]
    broken = [promise.name for promise in evidence.promises if promise.violated]
    if missed:
        return f"{subject} succeeded, but missed its {' and its '.join(missed)}"
    if broken:
        return f"{subject} succeeded, but broke a promise: {', '.join(broken)}"
    if evidence.unmet_steps:
        unmet = "; ".join(f"'{step.name}' ({step.status}): {step.detail}" for step in evidence.unmet_steps)
        return f"{subject} succeeded, but not every step did: {unmet}"
    return f"{subject} succeeded{_describe_rto(evidence.rto)}"


def _describe_rto(rto: MeasuredObjective) -> str:
    if rto.measured_seconds is None:
        return f", and its RTO was not measured: {rto.reason or rto.basis}"
    measured, objective = format_duration(rto.measured_seconds), format_duration(rto.objective_seconds)
    return f" and met its objectives: {measured} of {objective}"


def count_promises(evidence: Evidence) -> str:
    """Return how many of the applicable invariants held, and how many don't apply."""
    applicable = [promise for promise in evidence.promises if promise.applicable]
    other = len(evidence.promises) - len(applicable)
    held = sum(promise.held for promise in applicable)
    return f"{held} of {len(applicable)} held" + (f", {other} not applicable" if other else "")
