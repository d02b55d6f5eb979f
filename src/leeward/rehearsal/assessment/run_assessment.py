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
from leeward.kinds.descriptors.effects import Effect
from leeward.rehearsal.assessment.claims.run_claims import check_run_claims
from leeward.rehearsal.assessment.expected_serving_regions import expected_serving_regions
from leeward.rehearsal.assessment.leftover_resources import leftover_resources
from leeward.rehearsal.assessment.objectives.data_loss import lost_server_data, measure_data_loss
from leeward.rehearsal.assessment.objectives.recovery_time import measure_client_recovery, measure_server_recovery
from leeward.rehearsal.assessment.write_audit import audit_writes
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.clients.request_metrics import ClientMeasurement, measure_clients, requests_since
from leeward.rehearsal.invariants import list_invariants
from leeward.rehearsal.invariants.run_record import (
    LaunchRecord,
    ObservedStep,
    RecoveryJobSpan,
    RunRecord,
    UnprotectedMachine,
)
from leeward.rehearsal.results.launch_times import launch_times
from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.result_models import (
    ClientsReport,
    ExecutionOutcome,
    MeasuredUsage,
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
    compiled = run.ready.compiled
    clients = session.world.clients
    requests = requests_since(clients.requests, run.trouble_started_at) if clients else []
    writes = audit_writes(session, session.incident_at)
    record = _build_run_record(session, run, ended, requests)
    if writes is not None:
        record = replace(record, lost_writes=writes.lost, acknowledged_writes=writes.acknowledged)
    seen = _measure_clients(session, run, record)
    data_loss = measure_data_loss(session, run, record, int(session.application.objectives.rpo.total_seconds()))
    record = replace(record, lost_server_data_seconds=lost_server_data(record, data_loss))
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
        incident_at=run.trouble_started_at if run.responds_to_incident else None,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        rto=_measure_recovery(session, run, record, seen),
        rpo=data_loss,
        steps=run.progress.steps,
        clients=_report_clients(record, seen),
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


def _measure_clients(session: RehearsalSession, run: RehearsedRun, record: RunRecord) -> ClientMeasurement:
    clients = session.world.clients
    return measure_clients(
        record.requests,
        expected_regions=record.regions_to_serve,
        clients=clients.count if clients else 0,
        since=run.trouble_started_at,
        until=session.engine.clock.now(),
    )


def _measure_recovery(
    session: RehearsalSession, run: RehearsedRun, record: RunRecord, seen: ClientMeasurement
) -> RehearsalObjective:
    objective = int(session.application.objectives.rto.total_seconds())
    if not record.moves_users:
        return measure_server_recovery(run.progress.steps, objective)
    return measure_client_recovery(
        seen,
        objective,
        incident_at=run.trouble_started_at if run.responds_to_incident else None,
        expected_regions=sorted(record.regions_to_serve),
    )


def _report_clients(record: RunRecord, seen: ClientMeasurement) -> ClientsReport:
    return ClientsReport(
        requests=seen.requests,
        failed=seen.failed,
        downtime_seconds=seen.downtime.total_seconds() if seen.observed else None,
        clients=seen.clients,
        moved=seen.moved if record.moves_users else None,
        served_since=seen.served_since,
    )


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
        denied_calls=[str(call) for call in session.guard.denied_calls if call.at >= run.started_at],
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
        planned=not run.responds_to_incident,
        claims=check_run_claims(session, run, journal),
        watched_machines=frozenset(
            machine for machine, at in session.protection_monitor.last_served_at.items() if at >= run.started_at
        ),
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
