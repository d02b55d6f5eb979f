"""Measures the RPO of a run: from the clients' lost writes, or from the recovery points of the launched servers."""

from __future__ import annotations

from datetime import datetime

from leeward.evidence.model import MeasurementStatus
from leeward.rehearsal.clients.request_metrics import responded_at
from leeward.rehearsal.invariants.acknowledged import was_in_replication
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.objectives import MeasurementBasis, RehearsalObjective
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.twin.aws.drs.state.drs_records import LaunchedInstance

# A write that the target acknowledged and lost is younger than the origin's last response. It is a loss all the same.
_SHORTEST_LOSS = 1.0
_SERVERS, _WRITES = MeasurementBasis.SERVERS, MeasurementBasis.WRITES

PLANNED_MOVE = "a planned move may lose nothing"


def worst_loss(by_writes: RehearsalObjective, by_servers: RehearsalObjective) -> RehearsalObjective:
    """Return the data that a run lost, of its writes or of its servers, whichever is more."""
    measured = [each for each in (by_writes, by_servers) if each.status is not MeasurementStatus.NOT_MEASURED]
    if not measured:
        reason = f"{by_servers.reason}, and {by_writes.reason}"
        return RehearsalObjective.not_measured(by_writes.objective_seconds, _WRITES, reason)
    return max(measured, key=lambda loss: (loss.status is MeasurementStatus.NEVER_REACHED, loss.measured_seconds or 0))


def measure_lost_writes(run: RehearsedRun, record: RunRecord, objective_seconds: int) -> RehearsalObjective:
    """Return the age of the oldest lost write of an application whose clients' writes are audited.

    The objective of a planned move is 0, because such a run can wait for everything that users wrote.
    """
    reason = PLANNED_MOVE if record.is_planned_move else ""
    objective = 0 if record.is_planned_move else objective_seconds
    if record.lost_writes is None:
        return RehearsalObjective.not_measured(objective, _WRITES, "the clients' writes are not audited")
    if not record.acknowledged_writes:
        return RehearsalObjective.not_measured(objective, _WRITES, "no write was acknowledged")
    return RehearsalObjective.measured(objective, _oldest_write(run, record), _WRITES, reason)


def measure_server_loss(
    session: RehearsalSession, run: RehearsedRun, record: RunRecord, objective_seconds: int
) -> RehearsalObjective:
    """Return the data missing from the recovery points of the launched servers, up to the incident.

    For a planned move, it is measured up to the last request that the origin served. For a drill, it is measured up to
    the start of each job, because the origin loses no data.
    """
    reason = PLANNED_MOVE if record.is_planned_move else ""
    objective = 0 if record.is_planned_move else objective_seconds
    if not record.servers:
        return RehearsalObjective.not_measured(objective, _SERVERS, "the run launches no servers")
    if record.is_planned_move and not _has_target_served(run, record):
        # As after a rollback: the servers that it launched have no user, and the origin lacks nothing.
        return RehearsalObjective.not_measured(objective, _SERVERS, "no user was moved to the launched servers")
    launched = [m for m in session.launched_instances if m.job_tags.get("leeward:run") == run.id]
    missing = record.servers - {m.name for m in launched}
    if missing:
        cause = f"{len(missing)} of {len(record.servers)} servers were not recovered"
        return RehearsalObjective.never_reached(objective, _SERVERS, cause)
    return RehearsalObjective.measured(objective, _oldest_data(session, run, record, launched), _SERVERS, reason)


def _oldest_write(run: RehearsedRun, record: RunRecord) -> float:
    """Return the age of the oldest lost write: when its Region failed, or else when the origin last served a user."""
    lost = record.lost_writes or ()
    if not record.is_planned_move:
        return max((0.0, *(write.before_incident_seconds for write in lost)))
    loss_end = _last_served_by_origin(run, record)
    ages = (
        (loss_end - write.acknowledged_at).total_seconds() for write in lost if not was_in_replication(record, write)
    )
    return max((0.0, *(max(_SHORTEST_LOSS, age) for age in ages)))


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


def _has_target_served(run: RehearsedRun, record: RunRecord) -> bool:
    served = (r for r in record.requests if r.served_by == record.target)
    return any(responded_at(request) >= run.started_at for request in served)


def _last_served_by_origin(run: RehearsedRun, record: RunRecord) -> datetime:
    served = (responded_at(request) for request in record.requests if request.served_by == record.origin)
    return max(served, default=run.trouble_started_at)
