"""Measures the RTO and the RPO of a run on AWS from its journal, where no client's own requests are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.run.run_reference import RunbookSummary
from leeward.evidence.from_journal.servers import find_worst_loss
from leeward.evidence.model import MeasuredObjective, MeasurementStatus


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """What the journal says about the users.

    `served_at` is when the check after the last move was done, or None. `moved_back` is true if the run moved users and
    then moved them back, as a drill or a rollback does.
    """

    served_at: datetime | None
    moves_users: bool
    moved_back: bool
    outcome: str


def measure_rto(
    runbook: RunbookSummary, service: ServiceRecord, *, began_at: datetime, by_incident: bool
) -> MeasuredObjective:
    """Return the time from the incident, or from the start of the run, until the check after the move was done."""
    if service.served_at is not None:
        start = "the incident" if by_incident else "the start of the run"
        seconds = max(0.0, (service.served_at - began_at).total_seconds())
        return _measured(runbook.rto_seconds, seconds, f"from {start} until the check after the shift was done")
    reason = _find_reason(service)
    status = MeasurementStatus.NEVER_REACHED if reason is None else MeasurementStatus.NOT_MEASURED
    return _without_value(runbook.rto_seconds, status, "users were not moved", reason or "")


def measure_rpo(runbook: RunbookSummary, links: Sequence[ChainedEntry]) -> MeasuredObjective:
    """Return the data loss that the preflight estimated for the worst server."""
    loss = find_worst_loss(links)
    if loss is None:
        return _without_value(runbook.rpo_seconds, MeasurementStatus.NOT_MEASURED, "no preflight measured it", "")
    return _measured(runbook.rpo_seconds, loss, "the preflight's estimate for the worst server")


def _find_reason(service: ServiceRecord) -> str | None:
    """Return why users that were not moved say nothing about the RTO, or None if the run should have moved them."""
    if not service.moves_users:
        return "the run moves no users"
    if service.outcome == "running":
        return "the run has not ended"
    if service.moved_back and service.outcome == "succeeded":
        return "the run moved the users back, as it should"
    return None


def _measured(objective: int, seconds: float, basis: str) -> MeasuredObjective:
    return MeasuredObjective(
        objective_seconds=objective,
        measured_seconds=seconds,
        met=seconds <= objective,
        basis=basis,
        status=MeasurementStatus.MEASURED,
    )


def _without_value(objective: int, status: MeasurementStatus, basis: str, reason: str) -> MeasuredObjective:
    return MeasuredObjective(
        objective_seconds=objective, measured_seconds=None, met=False, basis=basis, status=status, reason=reason
    )
