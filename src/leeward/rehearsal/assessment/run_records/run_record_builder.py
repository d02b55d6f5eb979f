"""Builds the record of a run, which the invariants read, from the session, the journal, and the execution history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from leeward.control.journal.run_journal import JournalEntry, JournalEvent, entry_from_link
from leeward.control.outcome.step_failure import readable_cause
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.evidence.model import EvidenceStepStatus
from leeward.kinds.descriptors.effects import Effect
from leeward.rehearsal.assessment.claims.run_claims import check_run_claims
from leeward.rehearsal.assessment.run_records import fences, launches
from leeward.rehearsal.assessment.run_records.created_resources import count_created, leftover_resources
from leeward.rehearsal.assessment.run_records.path_taken import list_timed_parts, read_path
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.invariants.run_record import ObservedStep, RecoveryJobSpan, RunRecord, UnprotectedMachine
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.session.expected_serving_regions import expected_serving_regions
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.worlds.serverless.application_outages import list_application_outages
from leeward.state_machines.analysis.execution_bounds import max_seconds
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.state_machines.validate.runbooks.drill_rules import is_drill
from leeward.twin.engine import ExecutionResult
from leeward.twin.interception import AwsCall, FaultKind

_JOB_STARTS = frozenset({"drs:StartRecovery", "drs:TerminateRecoveryInstances"})


def build_run_record(
    session: RehearsalSession,
    run: RehearsedRun,
    ended: ExecutionResult,
    requests: Sequence[ClientRequest],
    history: Sequence[Mapping[str, object]],
) -> RunRecord:
    """Return what was observed of the run.

    `requests` are the clients' requests since the trouble began, and `history` is the history of the execution.
    """
    steps, links, regions = run.ready.runbook.steps, session.journals.chain_links(run), run.way
    journal = [entry_from_link(link) for link in links]
    began = any(entry.event is JournalEvent.RUN_BEGAN for entry in journal)
    evidence = build_evidence(run.id, links) if began else None
    machine = run.ready.compiled.machine
    path = read_path(run, history, ended.stopped_at)
    calls = [
        call
        for call in session.engine.interceptor.calls
        if call.at >= run.started_at and call.caller not in application_functions(session)
        if call.outcome != FaultKind.KILLED_BEFORE_CALL  # never sent
    ]
    return RunRecord(
        origin=regions.origin,
        target=regions.target,
        serving_region_at_start=_serving_region_at_start(session, run),
        trouble_started_at=run.trouble_started_at,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        declared_seconds=run.ready.runbook.timeout.total_seconds(),
        moves_users=any(has_effect(step, Effect.MOVES_USERS) for step in steps),
        outcome=ExecutionOutcome(ended.status.lower()),
        cause=readable_cause(ended.cause),
        requests=requests,
        calls=calls,
        launches=launches.launch_records(session, run),
        launches_taken_over=launches.launches_taken_over(session, run),
        routing_changes=[r for r in session.routing_changes if r.at >= run.started_at],
        region_outages=session.region_outages.intervals,
        expected_launches=launches.expected_launches(session, run),
        admitted_failures=launches.admitted_failures(session, run, journal),
        unprotected_seconds=_whole_seconds(session.application.objectives.unprotected),
        unprotected_machines=_unprotected_machines(session, run, ended.stopped_at, journal),
        reported_outcome=evidence.outcome if evidence else None,
        reported_steps=frozenset(
            step.name for step in evidence.steps if step.status is not EvidenceStepStatus.NOT_REACHED
        )
        if evidence
        else frozenset(),
        longest_seconds=max_seconds(machine.start_at, machine.states),
        operator_retries=_count_operator_retries(journal) + len(path.interruptions),
        is_drill=is_drill(run.ready.runbook),
        questions_seconds=sum(question.seconds for question in path.questions),
        interrupted_seconds=sum(span.seconds for span in path.interruptions),
        timed_parts=list_timed_parts(run, path, _count_operator_retries(journal) + len(path.interruptions)),
        steps=[ObservedStep(step.name, step.status) for step in run.progress.steps],
        began_recorded=began,
        lock_held_by=holder.run if (holder := session.journals.lock_holder()) else None,
        took_lock=any(str(entry.event) in ("lock.taken", "lock.taken_over") for entry in journal),
        run_id=run.id,
        jobs=_overlapping_jobs(session, run, calls),
        quotas=session.quotas,
        destroyed_copies=[copy for copy in session.destroyed_copies if run.started_at <= copy.at <= ended.stopped_at],
        created_resources=leftover_resources(session, run, journal),
        created=count_created(session, run, calls),
        regions_at_end=session.routing.current_regions(),
        settled_regions=session.settled_regions,
        serving_at_end=session.routing.serving_regions(),
        acknowledgements=fences.acknowledged_writes(session, run.started_at),
        fenced_intervals=fences.fenced_intervals(journal),
        active_active=session.application.mode == "active-active",
        expected_serving_regions=expected_serving_regions(session, run),
        lag_seconds=session.world.tables.slowest_lag,
        denied_calls=[str(call) for call in session.guard.denied_calls if call.at >= run.started_at],
        application_outages=[
            (region, outage.start, outage.end)
            for outage in list_application_outages(session.engine, application_functions(session))
            for region in session.application.regions.both
            if outage.region in (None, region)
        ],
        planned=not run.responds_to_incident,
        claims=check_run_claims(session, run, journal),
        watched_machines=frozenset(
            machine for machine, at in session.protection_monitor.last_served_at.items() if at >= run.started_at
        ),
    )


def _count_operator_retries(journal: Sequence[JournalEntry]) -> int:
    return sum(1 for entry in journal if entry.facts.get("decision") == "retry")


def _overlapping_jobs(session: RehearsalSession, run: RehearsedRun, calls: Sequence[AwsCall]) -> list[RecoveryJobSpan]:
    """Return every DRS job that was active during the run. Jobs of other runs count too: quotas apply per account.

    A job is the run's if it has the run's tag, or if a call of the run started it.
    """
    starts = {(call.region, call.at) for call in calls if call.operation in _JOB_STARTS and call.outcome == "ok"}
    return [
        RecoveryJobSpan(
            job.job_id, region, job.created_at, job.ended_at, len(job.participants),
            job.tags.get("leeward:run") == run.id or (region, job.created_at) in starts,
        )
        for region in session.application.regions.both
        for job in session.world.drs.jobs(region)
        if job.ended_at is None or job.ended_at >= run.started_at
    ]  # fmt: skip


def application_functions(session: RehearsalSession) -> set[str]:
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
