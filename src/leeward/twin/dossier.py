"""The evidence of a run on the twin: its journal, and besides that what only the twin can see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.common.errors import NotFound
from leeward.evidence.costs import dollars
from leeward.evidence.graph import graph_of
from leeward.evidence.model import Evidence, Objective, Promise, Traffic, TrafficPoint, Usage, Writes
from leeward.evidence.of_journal import Besides, evidence_of
from leeward.evidence.saved import SUFFIX, save
from leeward.evidence.versions import versions_of
from leeward.twin.internet.clients import Request
from leeward.twin.measure import served_by_from
from leeward.twin.report import ClientsReport, Rehearsal, WritesReport
from leeward.twin.report import Objective as Measured
from leeward.twin.run import Run
from leeward.twin.stage import Stage
from leeward.twin.world import documents

# A chart has no room for more points than this, nor a report of a long run for more bytes.
_MOST_POINTS = 400
_INTERVALS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)


def gather(stage: Stage, run: Run, result: Rehearsal, root: Path) -> Evidence | None:
    """The evidence; None for a run that was refused in its first state and so has no journal."""
    links = stage.books.links(run)
    requests = _requests(stage, run)
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in stage.engine.history(run.execution)
        if "stateEnteredEventDetails" in event
    ]
    served = served_by_from(requests, run.way.target) if result.rto.measured_seconds is not None else None
    usage = result.usage
    try:
        return evidence_of(
            run.id,
            links,
            Besides(
                source="rehearsal",
                scenario=result.scenario,
                scenario_text=stage.scenario.description,
                seed=result.seed,
                outcome=result.outcome.value,
                error=result.error,
                cause=result.cause,
                passed=result.passed,
                ended_at=result.ended_at,
                rto=_objective(
                    result.rto, "from the incident (or the first failed request) until all users were served"
                ),
                rpo=_objective(result.rpo, _lacking(result)),
                served_at=served if served and served >= run.since else None,
                incident_at=run.since if run.since < run.started_at else None,
                faults=list(_faults(stage.scenario)),
                traffic=_traffic(requests, result.clients),
                writes=_writes(result.writes),
                started_by=[f"{m.at:%H:%M:%S} {m.what}" for m in result.trigger.path] if result.trigger else [],
                graph=graph_of(run.ready.compiled.definition, entered),
                usage=Usage(
                    state_transitions=usage.state_transitions,
                    lambda_invocations=usage.lambda_invocations,
                    api_calls=usage.api_calls,
                    dollars=dollars(usage.state_transitions, usage.lambda_invocations, usage.api_calls),
                ),
                promises=[Promise(name=i.name, held=i.held, detail=i.detail) for i in result.invariants],
                versions=versions_of(root, _documents(root, stage, run)),
            ),
        )
    except NotFound:
        return None


def _lacking(result: Rehearsal) -> str:
    if result.writes is not None:
        return "the age of the oldest acknowledged write that was lost"
    return "data that the recovered points lack, worst server"


def keep(stage: Stage, run: Run, result: Rehearsal, root: Path, *, folder: Path | None = None, name: str = "") -> str:
    """Gather the evidence into a file of `folder`, by default build/rehearsals of the project; its path, relative to
    the project where it lies within, or nothing where there is no evidence. `name` tells several runs apart."""
    evidence = gather(stage, run, result, root)
    if evidence is None:
        return ""
    stem = f"{result.application}-{result.runbook}-{result.scenario}-{result.seed}{name}"
    path = save(evidence, (folder or root / "build" / "rehearsals") / f"{stem}{SUFFIX}")
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _objective(measured: Measured, basis: str) -> Objective:
    return Objective(**measured.model_dump(), basis=basis)


def _requests(stage: Stage, run: Run) -> list[Request]:
    clients = stage.world.clients
    return [r for r in clients.requests if r.at >= run.since - timedelta(minutes=2)] if clients else []


def _traffic(requests: Sequence[Request], told: ClientsReport) -> Traffic | None:
    if not requests:
        return None
    first, last = requests[0].at, requests[-1].at
    seconds = (last - first).total_seconds()
    every = next((i for i in _INTERVALS if seconds / i <= _MOST_POINTS), _INTERVALS[-1])
    buckets: dict[int, list[Request]] = {}
    for request in requests:
        buckets.setdefault(int((request.at - first).total_seconds() // every), []).append(request)
    points = []
    for number in range(max(buckets) + 1):
        inside = buckets.get(number, [])
        served = Counter(r.served_by for r in inside if r.served_by is not None)
        points.append(
            TrafficPoint(
                at=first + number * timedelta(seconds=every),
                requests=len(inside),
                failed=sum(1 for r in inside if r.served_by is None),
                served=dict(sorted(served.items())),
            )
        )
    return Traffic(
        every_seconds=every,
        points=points,
        requests=told.requests,
        failed=told.failed,
        downtime_seconds=told.downtime_seconds,
    )


def _writes(told: WritesReport | None) -> Writes | None:
    if told is None:
        return None
    lost, duplicated, diverged = len(told.lost), len(told.duplicated), len(told.diverged)
    return Writes(sent=told.sent, acknowledged=told.acknowledged, lost=lost, duplicated=duplicated, diverged=diverged)


def _faults(scenario: documents.Scenario) -> Iterator[str]:
    if scenario.incident.dark is not None:
        yield f"{scenario.incident.dark} goes dark"
    for fault in scenario.faults:
        told: dict[str, Any] = fault.model_dump(mode="json", exclude={"kind"}, exclude_none=True, exclude_defaults=True)
        yield f"{fault.kind}: " + ", ".join(f"{name} {value}" for name, value in told.items())


def _documents(root: Path, stage: Stage, run: Run) -> list[Path]:
    application, runbook = run.ready.application.application, run.ready.runbook.runbook
    home, world = root / "runbooks" / application, root / "workloads" / application
    return [
        home / "application.yaml",
        home / f"{runbook}.yaml",
        root / "state_machines" / "generated" / run.ready.file,
        world / "world.yaml",
        world / "scenarios" / f"{stage.scenario.scenario}.yaml",
    ]
