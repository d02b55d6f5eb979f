"""Builds and saves the evidence of a rehearsal: the run's journal, plus facts that only the twin can measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.common.errors import NotFound
from leeward.evidence.execution_graph import build_execution_graph
from leeward.evidence.from_journal.evidence_builder import ExternalFacts, build_evidence
from leeward.evidence.model import (
    Evidence,
    EvidenceUsage,
    InvariantResult,
    MeasuredObjective,
    UserTraffic,
    UserTrafficPoint,
    WriteCounts,
)
from leeward.evidence.run_costs import estimate_dollars
from leeward.evidence.source_versions import read_source_versions
from leeward.evidence.storage import EVIDENCE_SUFFIX, save_evidence
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.results.objectives import MeasurementBasis
from leeward.rehearsal.results.objectives import RehearsalObjective as Measured
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import ClientsReport, RehearsalResult, WritesReport
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun

# More points don't fit into a chart and make the report of a long run too large.
_MAX_POINTS = 400
# Seconds per point. The shortest interval that keeps the number of points below the maximum is used.
_INTERVALS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)


def build_run_evidence(
    session: RehearsalSession, run: RehearsedRun, result: RehearsalResult, root: Path
) -> Evidence | None:
    """Return the evidence of a run, or None for a run that was rejected in its first state and has no journal.

    `root` is the project folder. It provides the source versions of the documents.
    """
    links = session.journals.chain_links(run)
    requests = _requests_around_run(session, run)
    entered_states = [
        event["stateEnteredEventDetails"]["name"]
        for event in session.engine.get_history(run.execution)
        if "stateEnteredEventDetails" in event
    ]
    served_at = result.clients.served_since if result.clients.moved is not None else None
    usage = result.usage
    try:
        return build_evidence(
            run.id,
            links,
            ExternalFacts(
                source="rehearsal",
                scenario=result.scenario,
                scenario_text=session.scenario.description,
                seed=result.seed,
                outcome=result.outcome.value,
                error=result.error,
                cause=result.cause,
                passed=result.passed,
                ended_at=result.ended_at,
                rto=_evidence_objective(result.rto, _rto_basis(result)),
                rpo=_evidence_objective(result.rpo, _rpo_basis(result)),
                served_at=served_at,
                incident_at=result.incident_at,
                faults=list(_fault_lines(session.scenario)),
                traffic=_evidence_traffic(requests, result.clients),
                writes=_evidence_writes(result.writes),
                started_by=[f"{event.at:%H:%M:%S} {event.what}" for event in result.trigger.path]
                if result.trigger
                else [],
                graph=build_execution_graph(run.ready.compiled.definition, entered_states),
                usage=EvidenceUsage(
                    state_transitions=usage.state_transitions,
                    lambda_invocations=usage.lambda_invocations,
                    api_calls=usage.api_calls,
                    dollars=estimate_dollars(usage.state_transitions, usage.lambda_invocations, usage.api_calls),
                ),
                promises=[InvariantResult.model_validate(i.model_dump()) for i in _promises(result)],
                versions=read_source_versions(root, _document_paths(root, session, run)),
            ),
        )
    except NotFound:
        return None


def _promises(result: RehearsalResult) -> list[InvariantReport]:
    """Return the invariants, and each run before this one that did not pass, so that a report says why."""
    failed = [earlier for earlier in result.prerequisites if not earlier.passed]
    return [*result.invariants, *(InvariantReport(name="prerequisite", held=False, detail=e.text) for e in failed)]


def _rto_basis(result: RehearsalResult) -> str:
    if result.rto.basis is MeasurementBasis.SERVERS:
        return "the longest step that launched servers"
    since = "the incident" if result.incident_at else "the first failed request"
    return f"the users' requests, from {since} until all users were served"


def _rpo_basis(result: RehearsalResult) -> str:
    if result.writes is not None:
        return "the age of the oldest acknowledged write that was lost"
    return "data missing from the recovery points, worst server"


def export_evidence(
    session: RehearsalSession,
    run: RehearsedRun,
    result: RehearsalResult,
    root: Path,
    *,
    folder: Path | None = None,
    suffix: str = "",
) -> str:
    """Save the evidence of a run and return the path of the file.

    The default `folder` is build/rehearsals in the project. `suffix` distinguishes several runs of one session. The
    path is relative to `root` if the file is inside the project. Returns an empty string if there is no evidence.
    """
    evidence = build_run_evidence(session, run, result, root)
    if evidence is None:
        return ""
    stem = f"{result.application}-{result.runbook}-{result.scenario}-{result.seed}{suffix}"
    path = save_evidence(evidence, (folder or root / "build" / "rehearsals") / f"{stem}{EVIDENCE_SUFFIX}")
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _evidence_objective(measured: Measured, basis: str) -> MeasuredObjective:
    return MeasuredObjective(**measured.model_dump(exclude={"basis"}), basis=basis)


def _requests_around_run(session: RehearsalSession, run: RehearsedRun) -> list[ClientRequest]:
    clients = session.world.clients
    return [r for r in clients.requests if r.at >= run.trouble_started_at - timedelta(minutes=2)] if clients else []


def _evidence_traffic(requests: Sequence[ClientRequest], clients: ClientsReport) -> UserTraffic | None:
    if not requests:
        return None
    first, last = requests[0].at, requests[-1].at
    seconds = (last - first).total_seconds()
    interval = next((i for i in _INTERVALS if seconds / i <= _MAX_POINTS), _INTERVALS[-1])
    buckets: dict[int, list[ClientRequest]] = {}
    for request in requests:
        buckets.setdefault(int((request.at - first).total_seconds() // interval), []).append(request)
    points = []
    for number in range(max(buckets) + 1):
        bucket = buckets.get(number, [])
        served = Counter(r.served_by for r in bucket if r.served_by is not None)
        points.append(
            UserTrafficPoint(
                at=first + number * timedelta(seconds=interval),
                requests=len(bucket),
                failed=sum(1 for r in bucket if r.served_by is None),
                served=dict(sorted(served.items())),
            )
        )
    return UserTraffic(
        every_seconds=interval,
        points=points,
        requests=clients.requests,
        failed=clients.failed,
        downtime_seconds=clients.downtime_seconds,
    )


def _evidence_writes(report: WritesReport | None) -> WriteCounts | None:
    if report is None:
        return None
    lost, duplicated, diverged = len(report.lost), len(report.duplicated), len(report.diverged)
    return WriteCounts(
        sent=report.sent, acknowledged=report.acknowledged, lost=lost, duplicated=duplicated, diverged=diverged
    )


def _fault_lines(scenario: scenario_documents.Scenario) -> Iterator[str]:
    if scenario.incident.dark is not None:
        yield f"{scenario.incident.dark} is unavailable"
    for fault in scenario.faults:
        parameters: dict[str, Any] = fault.model_dump(
            mode="json", exclude={"kind"}, exclude_none=True, exclude_defaults=True
        )
        yield f"{fault.kind}: " + ", ".join(f"{name} {value}" for name, value in parameters.items())


def _document_paths(root: Path, session: RehearsalSession, run: RehearsedRun) -> list[Path]:
    application, runbook = run.ready.application.application, run.ready.runbook.runbook
    runbooks, workload = root / "runbooks" / application, root / "workloads" / application
    return [
        runbooks / "application.yaml",
        runbooks / f"{runbook}.yaml",
        root / "state_machines" / "generated" / run.ready.generated_path,
        workload / "world.yaml",
        workload / "scenarios" / f"{session.scenario.scenario}.yaml",
    ]
