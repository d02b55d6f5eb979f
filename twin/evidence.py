"""From what was observed on a stage to the result of the rehearsal: objectives, users, usage, invariants."""

from __future__ import annotations

from collections import Counter

from twin.engine import Ended
from twin.invariants import ALL, Record
from twin.invariants.record import Launch
from twin.measure import downtime, served_by_from
from twin.report import ClientsReport, Objective, Outcome, Rehearsal, Usage
from twin.stage import Run, Stage


def report(stage: Stage, run: Run, ended: Ended, history: str) -> Rehearsal:
    """The whole result. `history` is where the execution's history was written."""
    compiled, objectives, world = stage.ready.compiled, stage.ready.application.objectives, stage.world
    requests = world.clients.requests if world.clients else []
    served = served_by_from(requests, world.target) if requests else None
    record = _record(stage, run, ended)
    calls = Counter(call.operation for call in stage.engine.wire.calls)
    return Rehearsal(
        application=compiled.application,
        runbook=compiled.runbook,
        scenario=stage.scenario.scenario,
        seed=stage.engine.seed,
        run=run.id,
        outcome=record.outcome,
        error=ended.error,
        cause=ended.cause,
        incident_at=stage.incident_at,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        rto=Objective.held_against(
            int(objectives.rto.total_seconds()), (served - stage.incident_at).total_seconds() if served else None
        ),
        rpo=Objective.held_against(int(objectives.rpo.total_seconds()), _data_loss(stage, record)),
        steps=run.progress.steps,
        clients=ClientsReport(
            requests=len(requests),
            failed=sum(1 for r in requests if r.served_by is None),
            downtime_seconds=downtime(requests).total_seconds(),
        ),
        usage=Usage(
            state_transitions=run.progress.transitions,
            lambda_invocations=len(stage.engine.functions.invocations),
            api_calls=dict(sorted(calls.items())),
        ),
        invariants=[invariant(record) for invariant in ALL],
        history=history,
    )


def _data_loss(stage: Stage, record: Record) -> float | None:
    """The incident's time less the recovered points' time, worst server; None unless every server was recovered."""
    recovered = {
        instance.server_id: instance.data_time for instance in stage.world.drs.recovery_instances(record.target)
    }
    if not record.servers or set(recovered) < record.servers:
        return None
    return max(0.0, *((stage.incident_at - at).total_seconds() for at in recovered.values()))


def _record(stage: Stage, run: Run, ended: Ended) -> Record:
    world, journal = stage.world, stage.journal(run)
    ends = [entry for entry in journal if entry.event == "run.ended"]
    dark = stage.scenario.incident.dark
    return Record(
        origin=world.origin,
        target=world.target,
        regions=stage.ready.application.regions.both,
        incident_at=stage.incident_at,
        started_at=ended.started_at,
        ended_at=ended.stopped_at,
        timeout_seconds=int(stage.ready.runbook.timeout.total_seconds()),
        outcome=Outcome(ended.status.lower()),
        account="\n".join(entry.detail for entry in journal),
        cause=ended.cause,
        requests=world.clients.requests if world.clients else [],
        calls=stage.engine.wire.calls,
        launches=[
            Launch(p.server_id, job.job_id, job.tags.get("leeward:run"), p.ended_at, p.status == "LAUNCHED")
            for job in world.drs.jobs(world.target)
            for p in job.participants
            if p.ended_at is not None
        ],
        routings=stage.routings,
        dark=[(dark, stage.incident_at, None)] if dark else [],
        servers=frozenset(server for group in world.servers.values() for server in group),
        tells_of_an_end=bool(ends),
    )
