"""Assesses one run from the observations of its session: objectives, client requests, usage, and invariants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from leeward.control.journal.run_journal import JournalEntry, JournalEvent, entry_from_link
from leeward.control.outcome.step_failure import readable_cause
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.evidence.model import EvidenceStepStatus
from leeward.kinds import registry as kinds
from leeward.kinds.descriptors.effects import Effect
from leeward.rehearsal.assessment.expected_serving_regions import expected_serving_regions
from leeward.rehearsal.assessment.leftover_resources import leftover_resources
from leeward.rehearsal.assessment.write_audit import audit_writes
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.clients.request_metrics import all_served_since, downtime
from leeward.rehearsal.invariants import list_invariants
from leeward.rehearsal.invariants.run_record import (
    LaunchRecord,
    ObservedStep,
    RecoveryJobSpan,
    RunRecord,
    UnprotectedMachine,
)
from leeward.rehearsal.results.launch_times import launch_times
from leeward.rehearsal.results.result_models import (
    ClientsReport,
    ExecutionOutcome,
    MeasuredUsage,
    RehearsalObjective,
    RehearsalResult,
)
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.state_machines.analysis.execution_bounds import max_seconds
from leeward.state_machines.analysis.state_graph import StateScope
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.state_machines.step_kinds.step_effects import Launch
from leeward.twin.engine import ExecutionResult


def assess_run(
    session: RehearsalSession, run: RehearsedRun, ended: ExecutionResult, history_path: str
) -> RehearsalResult:
    """Return the result of one run. `history_path` is the file that contains the history of the execution."""
    compiled, objectives = run.ready.compiled, session.application.objectives
    requests = _requests_since_trouble(session, run)
    writes = audit_writes(session, session.incident_at)
    record = replace(_build_run_record(session, run, ended, requests), lost_writes=writes.lost if writes else None)
    calls = Counter(call.operation for call in record.calls)
    return RehearsalResult(
        application=compiled.application,
        runbook=compiled.runbook,
        scenario=session.scenario.scenario,
        seed=session.engine.seed,
        run=run.id,
        outcome=record.outcome,
        error=ended.error,
        cause=record.cause,
        incident_at=run.trouble_started_at,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        rto=RehearsalObjective.from_measurement(int(objectives.rto.total_seconds()), _recovery_seconds(run, record)),
        rpo=RehearsalObjective.from_measurement(
            int(objectives.rpo.total_seconds()), _data_loss_seconds(session, run, record)
        ),
        steps=run.progress.steps,
        clients=ClientsReport(
            requests=len(requests),
            failed=sum(1 for r in requests if r.served_by is None),
            downtime_seconds=downtime(requests).total_seconds(),
        ),
        usage=MeasuredUsage(
            state_transitions=run.progress.state_transitions,
            lambda_invocations=sum(
                i.began_at >= run.started_at and i.function not in _application_functions(session)
                for i in session.engine.functions.invocations
            ),
            api_calls=dict(sorted(calls.items())),
        ),
        invariants=[invariant.check(record) for invariant in list_invariants()],
        history=history_path,
        routing=session.world.application_dns.variant,
        writes=writes,
        launch_times=launch_times(
            session.world.drs,
            run.way.target,
            begin=ended.started_at,
            end=ended.stopped_at,
        ),
    )


def _requests_since_trouble(session: RehearsalSession, run: RehearsedRun) -> list[ClientRequest]:
    clients = session.world.clients
    return [r for r in clients.requests if r.at >= run.trouble_started_at] if clients else []


def _recovery_seconds(run: RehearsedRun, record: RunRecord) -> float | None:
    """Return the seconds until the target serves every client, or None if it never does.

    The time starts at the incident. Without an incident, it starts at the first failed request. For a run that moves no
    clients (a drill), it is the duration of the longest recovery step.
    """
    if not record.moves_users:
        launch_steps = [
            step
            for step in run.progress.steps
            if kinds.has_effect(step.kind, Effect.LAUNCHES) and step.status == "done"
        ]
        durations = [s.ended_at - s.started_at for s in launch_steps if s.ended_at and s.started_at]
        return max(durations).total_seconds() if durations else None
    if record.active_active and all(r.served_by is not None for r in record.requests):
        return 0.0  # no client was affected
    served_at = all_served_since(record.requests, record.expected_serving_regions or record.target)
    if served_at is None:
        return None
    outage_start = record.trouble_started_at
    if run.trouble_started_at == run.started_at:  # planned move: clients fail only after the run stops the origin
        outage_start = min((r.at for r in record.requests if r.served_by is None), default=served_at)
    return max(0.0, (served_at - outage_start).total_seconds())


def _data_loss_seconds(session: RehearsalSession, run: RehearsedRun, record: RunRecord) -> float | None:
    """Return the seconds of data missing from the recovery points, for the worst server.

    The loss is measured up to the incident. For a planned move, it is measured up to the last request that the origin
    served. For a drill, it is measured up to the start of each job, because the origin loses no data. For an
    application whose writes are audited, it is the age of the oldest lost write. Returns None unless every server was
    recovered.
    """
    if record.lost_writes is not None:
        return max((0.0, *(lost.before_incident_seconds for lost in record.lost_writes)))
    launched = [m for m in session.launched_instances if m.job_tags.get("leeward:run") == run.id]
    if not record.servers or {m.name for m in launched} < record.servers:
        return None
    if not record.moves_users:
        jobs = {
            job.job_id: job.created_at
            for region in session.application.regions.both
            for job in session.world.drs.jobs(region)
        }
        return max(0.0, *((jobs[m.job_id] - m.data_time).total_seconds() for m in launched))
    loss_end = run.trouble_started_at
    if run.trouble_started_at == run.started_at:
        loss_end = max((r.at for r in record.requests if r.served_by == record.origin), default=run.trouble_started_at)
    return max(0.0, *((loss_end - m.data_time).total_seconds() for m in launched))


def _build_run_record(
    session: RehearsalSession, run: RehearsedRun, ended: ExecutionResult, requests: Sequence[ClientRequest]
) -> RunRecord:
    steps, links, regions = run.ready.runbook.steps, session.journals.chain_links(run), run.way
    journal = [entry_from_link(link) for link in links]
    began = any(entry.event is JournalEvent.RUN_BEGAN for entry in journal)
    evidence = build_evidence(run.id, links) if began else None
    machine = run.ready.compiled.machine
    launches = (step.find_effect(Launch) for step in steps)
    groups = [group for launch in launches if launch is not None for group in launch.groups]
    return RunRecord(
        origin=regions.origin,
        target=regions.target,
        serving_region_at_start=_serving_region_at_start(session, run),
        trouble_started_at=run.trouble_started_at,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        timeout_seconds=machine.timeout_seconds,
        moves_users=any(has_effect(step, Effect.MOVES_USERS) for step in steps),
        outcome=ExecutionOutcome(ended.status.lower()),
        journal_text="\n".join(entry.detail for entry in journal),
        cause=readable_cause(ended.cause),
        requests=requests,
        calls=[
            call
            for call in session.engine.interceptor.calls
            if call.at >= run.started_at and call.caller not in _application_functions(session)
        ],
        launches=_launch_records(session, run),
        routing_changes=[r for r in session.routing_changes if r.at >= run.started_at],
        region_outages=session.region_outages.intervals,
        servers=frozenset(name for group in groups for name in session.server_names(group)),
        unprotected_seconds=_whole_seconds(session.application.objectives.unprotected),
        unprotected_machines=_unprotected_machines(session, run, ended.stopped_at, journal),
        reported_outcome=evidence.outcome if evidence else None,
        reported_steps=frozenset(
            step.name for step in evidence.steps if step.status is not EvidenceStepStatus.NOT_REACHED
        )
        if evidence
        else frozenset(),
        longest_seconds=max_seconds(StateScope(machine.start_at, machine.states)),
        operator_retries=sum(1 for entry in journal if entry.facts.get("decision") == "retry"),
        steps=[ObservedStep(step.name, step.status) for step in run.progress.steps],
        began_recorded=began,
        lock_held_by=holder.run if (holder := session.journals.lock_holder()) else None,
        took_lock=any(str(entry.event) in ("lock.taken", "lock.taken_over") for entry in journal),
        run_id=run.id,
        jobs=_overlapping_jobs(session, run),
        quotas=session.quotas,
        destroyed_copies=[copy for copy in session.destroyed_copies if run.started_at <= copy.at <= ended.stopped_at],
        created_resources=leftover_resources(session, run, journal),
        active_active=session.application.mode == "active-active",
        expected_serving_regions=expected_serving_regions(session, run),
        lag_seconds=session.world.tables.slowest_lag,
    )


def _overlapping_jobs(session: RehearsalSession, run: RehearsedRun) -> list[RecoveryJobSpan]:
    """Return every DRS job that was active during the run. Jobs of other runs count too: quotas apply per account."""
    return [
        RecoveryJobSpan(job.job_id, region, job.created_at, job.ended_at, len(job.participants))
        for region in session.application.regions.both
        for job in session.world.drs.jobs(region)
        if job.ended_at is None or job.ended_at >= run.started_at
    ]


def _application_functions(session: RehearsalSession) -> set[str]:
    """Return the names of the application's own functions, which clients call and the run doesn't."""
    workload = session.world.workload
    return set() if workload is None else set(workload.functions)


def _whole_seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())


def _serving_region_at_start(session: RehearsalSession, run: RehearsedRun) -> str:
    """Return the Region that served the last successful request before the run began."""
    clients = session.world.clients
    serving_regions = (
        [r.served_by for r in clients.requests if r.at <= run.started_at and r.served_by] if clients else []
    )
    return serving_regions[-1] if serving_regions else session.world.origin


def _launch_records(session: RehearsalSession, run: RehearsedRun) -> list[LaunchRecord]:
    return [
        LaunchRecord(
            session.server_name(p.server_id), region, job.job_id, job.tags.get("leeward:run"), p.ended_at,
            p.status == "LAUNCHED", _termination_requested_at(session, region, p.server_id, p.ended_at),
        )
        for region in session.application.regions.both
        for job in session.world.drs.jobs(region)
        for p in job.participants
        if p.ended_at is not None and job.kind == "LAUNCH" and job.created_at >= run.started_at
    ]  # fmt: skip


def _termination_requested_at(
    session: RehearsalSession, region: str, server: str, launched_at: datetime
) -> datetime | None:
    terminations = [
        job for job in session.world.drs.jobs(region) if job.kind == "TERMINATE" and job.created_at >= launched_at
    ]
    return min(
        (job.created_at for job in terminations if any(p.server_id == server for p in job.participants)), default=None
    )


def _unprotected_machines(
    session: RehearsalSession, run: RehearsedRun, ended_at: datetime, journal: Sequence[JournalEntry]
) -> list[UnprotectedMachine]:
    """Return the machines that served without a copy during this run.

    A machine is reported if the journal of this run or of an earlier run names it.
    """
    reported_instances = set().union(
        *(
            session.journals.reported_unprotected(session_run, journal if session_run is run else None)
            for session_run in session.runs
        )
    )
    return [
        UnprotectedMachine(s.machine, s.region, s.since, s.until, s.instance in reported_instances)
        for s in session.protection_monitor.intervals
        if (s.until or ended_at) >= run.started_at and s.since <= ended_at
    ]
