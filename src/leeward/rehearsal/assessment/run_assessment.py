"""Assesses one run from the observations of its session: objectives, client requests, usage, and invariants."""

from __future__ import annotations

from dataclasses import replace

from leeward.rehearsal.assessment.objectives.data_loss import measure_lost_writes, measure_server_loss, worst_loss
from leeward.rehearsal.assessment.objectives.recovery_time import measure_client_recovery, measure_server_recovery
from leeward.rehearsal.assessment.run_records.run_record_builder import application_functions, build_run_record
from leeward.rehearsal.assessment.usage.run_usage import measure_usage
from leeward.rehearsal.assessment.write_audit import audit_writes
from leeward.rehearsal.clients.request_metrics import ClientMeasurement, measure_clients, requests_since
from leeward.rehearsal.invariants import list_invariants
from leeward.rehearsal.invariants.run_record import (
    RunRecord,
)
from leeward.rehearsal.results.launch_times import launch_times
from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.result_models import (
    ClientsReport,
    RehearsalResult,
)
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.twin.engine import ExecutionResult
from leeward.twin.engine.lambda_runtime.invocation import InvocationRecord


def assess_run(
    session: RehearsalSession, run: RehearsedRun, ended: ExecutionResult, history_path: str
) -> RehearsalResult:
    """Return the result of one run. `history_path` is the file that contains the history of the execution."""
    compiled = run.ready.compiled
    clients = session.world.clients
    requests = requests_since(clients.requests, run.trouble_started_at) if clients else []
    writes = audit_writes(session, session.incident_at)
    history = session.engine.get_history(run.execution)
    record = build_run_record(session, run, ended, requests, history)
    if writes is not None:
        record = replace(record, lost_writes=writes.lost, acknowledged_writes=writes.acknowledged)
    seen = _measure_clients(session, run, record)
    rpo = int(session.application.objectives.rpo.total_seconds())
    server_loss = measure_server_loss(session, run, record, rpo)
    if record.is_planned_move:
        record = replace(record, lost_server_data_seconds=server_loss.measured_seconds)
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
        rpo=worst_loss(measure_lost_writes(run, record, rpo), server_loss),
        steps=run.progress.steps,
        clients=_report_clients(record, seen),
        usage=measure_usage(compiled.steps, record.calls, _own_invocations(session, run), history),
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


def _own_invocations(session: RehearsalSession, run: RehearsedRun) -> list[InvocationRecord]:
    """Return the invocations since the run's start. Those of the application's own functions aren't the run's."""
    others = application_functions(session)
    invocations = session.engine.functions.invocations
    return [each for each in invocations if each.began_at >= run.started_at and each.function not in others]


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
