"""From what was observed on a stage to the result of one run: objectives, users, usage, invariants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from leeward.control.journal.run_journal import JournalEntry, JournalEvent, entry_from_link
from leeward.control.outcome.step_failure import readable_cause
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.evidence.model import EvidenceStepStatus
from leeward.rehearsal.assessment.expected_serving_regions import expected_serving_regions
from leeward.rehearsal.assessment.leftover_resources import leftover_resources
from leeward.rehearsal.assessment.write_audit import audit_writes
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.clients.request_metrics import all_served_since, downtime
from leeward.rehearsal.invariants import INVARIANT_CHECKS, RunRecord
from leeward.rehearsal.invariants.run_record import LaunchRecord, ObservedStep, RecoveryJobSpan, UnprotectedMachine
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
from leeward.state_machines.steps import kind_of
from leeward.twin.engine import ExecutionResult

_LAUNCHING_KINDS = ("drs.recover", "drs.fail_back", "drs.launch_into")


def assess_run(
    session: RehearsalSession, run: RehearsedRun, ended: ExecutionResult, history_path: str
) -> RehearsalResult:
    """The whole result of one run. `history` is where the execution's history was written."""
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
        invariants=[invariant(record) for invariant in INVARIANT_CHECKS],
        history=history_path,
        routing=session.world.application_dns.variant,
        writes=writes,
    )


def _requests_since_trouble(session: RehearsalSession, run: RehearsedRun) -> list[ClientRequest]:
    clients = session.world.clients
    return [r for r in clients.requests if r.at >= run.trouble_started_at] if clients else []


def _recovery_seconds(run: RehearsedRun, record: RunRecord) -> float | None:
    """Seconds until every user is served by the target: from the incident, or, where there was none, from the first
    request that failed. For a run that moves no users (a drill), its longest recovery."""
    if not record.moves_users:
        launching = [step for step in run.progress.steps if step.kind in _LAUNCHING_KINDS and step.status == "done"]
        took = [s.ended_at - s.started_at for s in launching if s.ended_at and s.started_at]
        return max(took).total_seconds() if took else None
    if record.active_active and all(r.served_by is not None for r in record.requests):
        return 0.0  # nobody noticed
    served = all_served_since(record.requests, record.expected_serving_regions or record.target)
    if served is None:
        return None
    began = record.trouble_started_at
    if run.trouble_started_at == run.started_at:  # planned: nothing was amiss until the run itself closed the doors
        began = min((r.at for r in record.requests if r.served_by is None), default=served)
    return max(0.0, (served - began).total_seconds())


def _data_loss_seconds(session: RehearsalSession, run: RehearsedRun, record: RunRecord) -> float | None:
    """Seconds of data that the recovered points lack, worst server; None unless every server was recovered.

    Reckoned to the incident; for a planned move to the last request that the origin served; for a drill to the
    beginning of each job, since nothing was lost at all.
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
    last = run.trouble_started_at
    if run.trouble_started_at == run.started_at:
        last = max((r.at for r in record.requests if r.served_by == record.origin), default=run.trouble_started_at)
    return max(0.0, *((last - m.data_time).total_seconds() for m in launched))


def _build_run_record(
    session: RehearsalSession, run: RehearsedRun, ended: ExecutionResult, requests: Sequence[ClientRequest]
) -> RunRecord:
    steps, links, way = run.ready.runbook.steps, session.journals.chain_links(run), run.way
    journal = [entry_from_link(link) for link in links]
    began = any(entry.event is JournalEvent.RUN_BEGAN for entry in journal)
    shown = build_evidence(run.id, links) if began else None
    machine = run.ready.compiled.machine
    groups = [group for step in steps if step.kind in _LAUNCHING_KINDS for group in getattr(step, "groups", ())]
    return RunRecord(
        origin=way.origin,
        target=way.target,
        serving_region_at_start=_serving_region_at_start(session, run),
        trouble_started_at=run.trouble_started_at,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        timeout_seconds=machine.timeout_seconds,
        moves_users=any(kind_of(step).moves_traffic for step in steps),
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
        reported_outcome=shown.outcome if shown else None,
        reported_steps=frozenset(step.name for step in shown.steps if step.status is not EvidenceStepStatus.NOT_REACHED)
        if shown
        else frozenset(),
        longest_seconds=max_seconds(StateScope(machine.start_at, machine.states)),
        operator_retries=sum(1 for entry in journal if entry.facts.get("decision") == "retry"),
        steps=[ObservedStep(step.name, step.status) for step in run.progress.steps],
        began_recorded=began,
        lock_held_by=held.run if (held := session.journals.lock_holder()) else None,
        took_lock=any(str(entry.event) in ("lock.taken", "lock.taken_over") for entry in journal),
        run_id=run.id,
        jobs=_overlapping_jobs(session, run),
        quotas=session.quotas,
        destroyed_copies=[lost for lost in session.destroyed_copies if run.started_at <= lost.at <= ended.stopped_at],
        created_resources=leftover_resources(session, run, journal),
        active_active=session.application.mode == "active-active",
        expected_serving_regions=expected_serving_regions(session, run),
        lag_seconds=session.world.tables.slowest_lag,
    )


def _overlapping_jobs(session: RehearsalSession, run: RehearsedRun) -> list[RecoveryJobSpan]:
    """Every job that was active at some time of the run, whoever began it: the quotas are the account's."""
    return [
        RecoveryJobSpan(job.job_id, region, job.created_at, job.ended_at, len(job.participants))
        for region in session.application.regions.both
        for job in session.world.drs.jobs(region)
        if job.ended_at is None or job.ended_at >= run.started_at
    ]


def _application_functions(session: RehearsalSession) -> set[str]:
    """The application's, which users call, not the run."""
    front = session.world.workload
    return set() if front is None else set(front.functions)


def _whole_seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _serving_region_at_start(session: RehearsalSession, run: RehearsedRun) -> str:
    """The Region that last served anybody before the run began."""
    clients = session.world.clients
    before = [r.served_by for r in clients.requests if r.at <= run.started_at and r.served_by] if clients else []
    return before[-1] if before else session.world.origin


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
    ends = [job for job in session.world.drs.jobs(region) if job.kind == "TERMINATE" and job.created_at >= launched_at]
    return min((job.created_at for job in ends if any(p.server_id == server for p in job.participants)), default=None)


def _unprotected_machines(
    session: RehearsalSession, run: RehearsedRun, ended_at: datetime, journal: Sequence[JournalEntry]
) -> list[UnprotectedMachine]:
    """The machines that served without a copy during this run; told when its journal or an earlier one's names them."""
    told = set().union(
        *(session.journals.reported_unprotected(each, journal if each is run else None) for each in session.runs)
    )
    return [
        UnprotectedMachine(s.machine, s.region, s.since, s.until, s.instance in told)
        for s in session.protection_monitor.intervals
        if (s.until or ended_at) >= run.started_at and s.since <= ended_at
    ]
