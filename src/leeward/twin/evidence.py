"""From what was observed on a stage to the result of one run: objectives, users, usage, invariants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from leeward.control.failure import plain_cause
from leeward.control.journal import Entry, Event, entry_of
from leeward.evidence.model import Status
from leeward.evidence.of_journal import evidence_of
from leeward.state_machines.checks.bounds import most_seconds
from leeward.state_machines.checks.graph import Scope
from leeward.state_machines.steps import kind_of
from leeward.twin.endings import ends_in
from leeward.twin.engine import Ended
from leeward.twin.internet.clients import Request
from leeward.twin.invariants import ALL, Record
from leeward.twin.invariants.record import Bare, JobSpan, Launch, StepEnd
from leeward.twin.measure import downtime, served_by_from
from leeward.twin.remains import created
from leeward.twin.report import ClientsReport, Objective, Outcome, Rehearsal, Usage
from leeward.twin.run import Run
from leeward.twin.stage import Stage
from leeward.twin.written import writes_report

_LAUNCHING = ("drs.recover", "drs.fail_back", "drs.launch_into")


def report(stage: Stage, run: Run, ended: Ended, history: str) -> Rehearsal:
    """The whole result of one run. `history` is where the execution's history was written."""
    compiled, objectives = run.ready.compiled, stage.application.objectives
    requests = _requests(stage, run)
    writes = writes_report(stage, stage.incident_at)
    record = replace(_record(stage, run, ended, requests), lost=writes.lost if writes else None)
    calls = Counter(call.operation for call in record.calls)
    return Rehearsal(
        application=compiled.application,
        runbook=compiled.runbook,
        scenario=stage.scenario.scenario,
        seed=stage.engine.seed,
        run=run.id,
        outcome=record.outcome,
        error=ended.error,
        cause=record.cause,
        incident_at=run.since,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        rto=Objective.held_against(int(objectives.rto.total_seconds()), _time_to_recover(run, record)),
        rpo=Objective.held_against(int(objectives.rpo.total_seconds()), _data_loss(stage, run, record)),
        steps=run.progress.steps,
        clients=ClientsReport(
            requests=len(requests),
            failed=sum(1 for r in requests if r.served_by is None),
            downtime_seconds=downtime(requests).total_seconds(),
        ),
        usage=Usage(
            state_transitions=run.progress.transitions,
            lambda_invocations=sum(
                i.began_at >= run.started_at and i.function not in _own_functions(stage)
                for i in stage.engine.functions.invocations
            ),
            api_calls=dict(sorted(calls.items())),
        ),
        invariants=[invariant(record) for invariant in ALL],
        history=history,
        routing=stage.world.names.variant,
        writes=writes,
    )


def _requests(stage: Stage, run: Run) -> list[Request]:
    clients = stage.world.clients
    return [r for r in clients.requests if r.at >= run.since] if clients else []


def _time_to_recover(run: Run, record: Record) -> float | None:
    """Seconds until every user is served by the target: from the incident, or, where there was none, from the first
    request that failed. For a run that moves no users (a drill), its longest recovery."""
    if not record.moves_users:
        launching = [step for step in run.progress.steps if step.kind in _LAUNCHING and step.status == "done"]
        took = [s.ended_at - s.started_at for s in launching if s.ended_at and s.started_at]
        return max(took).total_seconds() if took else None
    if record.active_active and all(r.served_by is not None for r in record.requests):
        return 0.0  # nobody noticed
    served = served_by_from(record.requests, record.ends_in or record.target)
    if served is None:
        return None
    began = record.since
    if run.since == run.started_at:  # planned: nothing was amiss until the run itself closed the doors
        began = min((r.at for r in record.requests if r.served_by is None), default=served)
    return max(0.0, (served - began).total_seconds())


def _data_loss(stage: Stage, run: Run, record: Record) -> float | None:
    """Seconds of data that the recovered points lack, worst server; None unless every server was recovered.

    Reckoned to the incident; for a planned move to the last request that the origin served; for a drill to the
    beginning of each job, since nothing was lost at all.
    """
    if record.lost is not None:
        return max((0.0, *(lost.before_incident_seconds for lost in record.lost)))
    launched = [m for m in stage.launched if m.job_tags.get("leeward:run") == run.id]
    if not record.servers or {m.name for m in launched} < record.servers:
        return None
    if not record.moves_users:
        jobs = {
            job.job_id: job.created_at
            for region in stage.application.regions.both
            for job in stage.world.drs.jobs(region)
        }
        return max(0.0, *((jobs[m.job_id] - m.data_time).total_seconds() for m in launched))
    last = run.since
    if run.since == run.started_at:
        last = max((r.at for r in record.requests if r.served_by == record.origin), default=run.since)
    return max(0.0, *((last - m.data_time).total_seconds() for m in launched))


def _record(stage: Stage, run: Run, ended: Ended, requests: Sequence[Request]) -> Record:
    steps, links, way = run.ready.runbook.steps, stage.books.links(run), run.way
    journal = [entry_of(link) for link in links]
    began = any(entry.event is Event.RUN_BEGAN for entry in journal)
    shown = evidence_of(run.id, links) if began else None
    machine = run.ready.compiled.machine
    groups = [group for step in steps if step.kind in _LAUNCHING for group in getattr(step, "groups", ())]
    return Record(
        origin=way.origin,
        target=way.target,
        home=_home(stage, run),
        since=run.since,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        timeout_seconds=machine.timeout_seconds,
        moves_users=any(kind_of(step).moves_traffic for step in steps),
        outcome=Outcome(ended.status.lower()),
        account="\n".join(entry.detail for entry in journal),
        cause=plain_cause(ended.cause),
        requests=requests,
        calls=[
            call
            for call in stage.engine.wire.calls
            if call.at >= run.started_at and call.caller not in _own_functions(stage)
        ],
        launches=_launches(stage, run),
        routings=[r for r in stage.routings if r.at >= run.started_at],
        dark=stage.darkness.spells,
        servers=frozenset(name for group in groups for name in stage.machine_names(group)),
        unprotected_seconds=_seconds(stage.application.objectives.unprotected),
        bare=_bare(stage, run, ended.stopped_at, journal),
        told=shown.outcome if shown else None,
        told_reached=frozenset(step.name for step in shown.steps if step.status is not Status.NOT_REACHED)
        if shown
        else frozenset(),
        longest_seconds=most_seconds(Scope(machine.start_at, machine.states)),
        tried_again_by_a_person=sum(1 for entry in journal if entry.facts.get("decision") == "retry"),
        steps=[StepEnd(step.name, step.status) for step in run.progress.steps],
        began=began,
        lock_held_by=held.run if (held := stage.books.lock_holder()) else None,
        took_the_lock=any(str(entry.event) in ("lock.taken", "lock.taken_over") for entry in journal),
        run=run.id,
        jobs=_jobs(stage, run),
        quotas=stage.quotas,
        destroyed=[lost for lost in stage.destroyed if run.started_at <= lost.at <= ended.stopped_at],
        created=created(stage, run, journal),
        active_active=stage.application.mode == "active-active",
        ends_in=ends_in(stage, run),
        lag_seconds=stage.world.tables.slowest,
    )


def _jobs(stage: Stage, run: Run) -> list[JobSpan]:
    """Every job that was active at some time of the run, whoever began it: the quotas are the account's."""
    return [
        JobSpan(job.job_id, region, job.created_at, job.ended_at, len(job.participants))
        for region in stage.application.regions.both
        for job in stage.world.drs.jobs(region)
        if job.ended_at is None or job.ended_at >= run.started_at
    ]


def _own_functions(stage: Stage) -> set[str]:
    """The application's, which users call, not the run."""
    front = stage.world.front
    return set() if front is None else set(front.functions)


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _home(stage: Stage, run: Run) -> str:
    """The Region that last served anybody before the run began."""
    clients = stage.world.clients
    before = [r.served_by for r in clients.requests if r.at <= run.started_at and r.served_by] if clients else []
    return before[-1] if before else stage.world.origin


def _launches(stage: Stage, run: Run) -> list[Launch]:
    return [
        Launch(
            stage.name_of(p.server_id), region, job.job_id, job.tags.get("leeward:run"), p.ended_at,
            p.status == "LAUNCHED", _terminated(stage, region, p.server_id, p.ended_at),
        )
        for region in stage.application.regions.both
        for job in stage.world.drs.jobs(region)
        for p in job.participants
        if p.ended_at is not None and job.kind == "LAUNCH" and job.created_at >= run.started_at
    ]  # fmt: skip


def _terminated(stage: Stage, region: str, server: str, launched_at: datetime) -> datetime | None:
    ends = [job for job in stage.world.drs.jobs(region) if job.kind == "TERMINATE" and job.created_at >= launched_at]
    return min((job.created_at for job in ends if any(p.server_id == server for p in job.participants)), default=None)


def _bare(stage: Stage, run: Run, ended_at: datetime, journal: Sequence[Entry]) -> list[Bare]:
    """The machines that served without a copy during this run; told when its journal or an earlier one's names them."""
    told = set().union(*(stage.books.told_of(each, journal if each is run else None) for each in stage.runs))
    return [
        Bare(s.machine, s.region, s.since, s.until, s.instance in told)
        for s in stage.copies.spells
        if (s.until or ended_at) >= run.started_at and s.since <= ended_at
    ]
