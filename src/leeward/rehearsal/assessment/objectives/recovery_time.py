"""Measures the RTO of a run: from its clients' requests, or from its servers if the run moves no clients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leeward.kinds import registry as kinds
from leeward.kinds.descriptors.effects import Effect
from leeward.rehearsal.clients.request_metrics import ClientMeasurement
from leeward.rehearsal.results.objectives import MeasurementBasis, RehearsalObjective
from leeward.rehearsal.results.result_models import RunStepStatus, StepReport

NO_CLIENT_LOST_SERVICE = "no client lost service"
_CLIENTS, _SERVERS = MeasurementBasis.CLIENTS, MeasurementBasis.SERVERS


def measure_client_recovery(
    seen: ClientMeasurement, objective_seconds: int, *, incident_at: datetime | None, expected_regions: Sequence[str]
) -> RehearsalObjective:
    """Return the time until the expected Regions serve every client without a later failure.

    The time starts at the incident, whatever its kind. Without an incident, as in a planned move, it starts at the
    first failed request after the run began. It is then 0 if no client lost service.
    """
    if not seen.clients:
        return RehearsalObjective.not_measured(objective_seconds, _CLIENTS, "the application has no clients")
    if not seen.observed:
        return RehearsalObjective.not_measured(objective_seconds, _CLIENTS, "no client sent a request during the run")
    if seen.served_since is None:
        reason = f"{' or '.join(expected_regions)} served {seen.moved} of {seen.clients} clients at the end"
        return RehearsalObjective.never_reached(objective_seconds, _CLIENTS, reason)
    if seen.observed < seen.clients:
        reason = f"only {seen.observed} of {seen.clients} clients sent a request during the run"
        return RehearsalObjective.not_measured(objective_seconds, _CLIENTS, reason)
    started_at = incident_at or seen.first_failed_at
    if started_at is None:
        return RehearsalObjective.measured(objective_seconds, 0.0, _CLIENTS, NO_CLIENT_LOST_SERVICE)
    seconds = max(0.0, (seen.served_since - started_at).total_seconds())
    since = "the incident" if incident_at else "the first failed request"
    return RehearsalObjective.measured(objective_seconds, seconds, _CLIENTS, f"from {since}")


def measure_server_recovery(steps: Sequence[StepReport], objective_seconds: int) -> RehearsalObjective:
    """Return the duration of the longest step that launches servers, for a run that moves no clients."""
    launch_steps = [step for step in steps if kinds.has_effect(step.kind, Effect.LAUNCHES)]
    if not launch_steps:
        reason = "the run moves no clients and launches no servers"
        return RehearsalObjective.not_measured(objective_seconds, _SERVERS, reason)
    unfinished = [step.name for step in launch_steps if step.status is not RunStepStatus.DONE]
    if unfinished:
        return RehearsalObjective.never_reached(objective_seconds, _SERVERS, f"{unfinished[0]!r} did not complete")
    durations = [step.ended_at - step.started_at for step in launch_steps if step.ended_at and step.started_at]
    longest = max(durations).total_seconds()
    return RehearsalObjective.measured(objective_seconds, longest, _SERVERS, "the run moves no clients")
