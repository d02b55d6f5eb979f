"""Measures the RPO of a run: from the clients' lost writes, or from the recovery points of the launched servers."""

from __future__ import annotations

from datetime import datetime

from leeward.rehearsal.clients.request_metrics import responded_at
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.objectives import MeasurementBasis, RehearsalObjective
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.twin.aws.drs.state.drs_records import LaunchedInstance

_SERVERS, _WRITES = MeasurementBasis.SERVERS, MeasurementBasis.WRITES


def measure_data_loss(
    session: RehearsalSession, run: RehearsedRun, record: RunRecord, objective_seconds: int
) -> RehearsalObjective:
    """Return the seconds of data that the run lost, for the worst server or the oldest lost write.

    For an application whose writes are audited, this is the age of the oldest lost write. Otherwise it is the data
    missing from the recovery points, up to the incident. For a planned move, it is measured up to the last request
    that the origin served. For a drill, it is measured up to the start of each job, because the origin loses no data.
    """
    if record.lost_writes is not None:
        if not record.acknowledged_writes:
            return RehearsalObjective.not_measured(objective_seconds, _WRITES, "no write was acknowledged")
        oldest = max((0.0, *(lost.before_incident_seconds for lost in record.lost_writes)))
        return RehearsalObjective.measured(objective_seconds, oldest, _WRITES)
    if not record.servers:
        reason = "the run launches no servers, and the clients' writes are not audited"
        return RehearsalObjective.not_measured(objective_seconds, _SERVERS, reason)
    launched = [m for m in session.launched_instances if m.job_tags.get("leeward:run") == run.id]
    missing = record.servers - {m.name for m in launched}
    if missing:
        reason = f"{len(missing)} of {len(record.servers)} servers were not recovered"
        return RehearsalObjective.never_reached(objective_seconds, _SERVERS, reason)
    return RehearsalObjective.measured(objective_seconds, _oldest_data(session, run, record, launched), _SERVERS)


def _oldest_data(
    session: RehearsalSession, run: RehearsedRun, record: RunRecord, launched: list[LaunchedInstance]
) -> float:
    if not record.moves_users:
        jobs = {
            job.job_id: job.created_at
            for region in session.application.regions.both
            for job in session.world.drs.jobs(region)
        }
        return max(0.0, *((jobs[m.job_id] - m.data_time).total_seconds() for m in launched))
    if not run.responds_to_incident:
        loss_end = _last_served_by_origin(run, record)
    elif session.scenario.incident.dark is not None:  # another fault may have broken service before
        loss_end = session.incident_at
    else:
        loss_end = run.trouble_started_at
    return max(0.0, *((loss_end - m.data_time).total_seconds() for m in launched))


def _last_served_by_origin(run: RehearsedRun, record: RunRecord) -> datetime:
    served = (responded_at(request) for request in record.requests if request.served_by == record.origin)
    return max(served, default=run.trouble_started_at)
