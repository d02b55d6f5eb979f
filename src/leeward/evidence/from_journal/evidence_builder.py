"""Builds the evidence of a run from its journal. `ExternalFacts` adds facts from a rehearsal or from AWS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from leeward.common.errors import NotFound
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEntry, JournalEvent, entry_from_link
from leeward.control.notifications.unsent_messages import list_unsent_messages
from leeward.control.outcome.run_end_state import end_entry
from leeward.control.outcome.traffic_outcome import TrafficOutcome, assess_traffic, is_hold
from leeward.control.run.run_reference import RunbookSummary, RunRef
from leeward.evidence.from_journal.decisions import list_decisions
from leeward.evidence.from_journal.idle_spans import find_idle_spans
from leeward.evidence.from_journal.objectives import ServiceRecord, measure_rpo, measure_rto
from leeward.evidence.from_journal.servers import list_server_recoveries
from leeward.evidence.from_journal.steps import build_steps
from leeward.evidence.from_journal.time_breakdown import break_down_time
from leeward.evidence.model import (
    Evidence,
    EvidenceStep,
    EvidenceUsage,
    ExecutionGraph,
    InvariantResult,
    MeasuredObjective,
    SourceVersions,
    TimelineMark,
    UserTraffic,
    WaitSpan,
    WriteCounts,
    list_unmet_steps,
)
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import has_effect


@dataclass(frozen=True, slots=True)
class ExternalFacts:
    """Facts that the journal doesn't contain.

    `served_at` is the time since when the target served every user, as measured by the users' own requests.
    """

    source: Literal["rehearsal", "aws"] = "aws"
    scenario: str | None = None
    scenario_text: str = ""
    seed: int | None = None
    outcome: str | None = None
    error: str | None = None
    cause: str | None = None
    passed: bool | None = None
    ended_at: datetime | None = None
    rto: MeasuredObjective | None = None
    rpo: MeasuredObjective | None = None
    served_at: datetime | None = None
    incident_at: datetime | None = None
    faults: Sequence[str] = ()
    traffic: UserTraffic | None = None
    writes: WriteCounts | None = None
    started_by: Sequence[str] = ()
    graph: ExecutionGraph | None = None
    usage: EvidenceUsage = field(default_factory=EvidenceUsage)
    promises: Sequence[InvariantResult] = ()
    versions: SourceVersions = field(default_factory=SourceVersions)


def build_evidence(run_id: str, links: Sequence[ChainedEntry], external: ExternalFacts | None = None) -> Evidence:
    """Build the evidence of a run. Raises NotFound when the journal doesn't record the start of the run."""
    known = external or ExternalFacts()
    entries = [entry_from_link(link) for link in links]
    began = next((e for e in entries if e.event is JournalEvent.RUN_BEGAN), None)
    if began is None:
        raise NotFound(f"the journal of {run_id} has no start: the run does not exist or was rejected")
    run, runbook = RunRef.model_validate(began.facts["run"]), RunbookSummary.model_validate(began.facts["runbook"])
    end = end_entry(entries)
    facts = end.facts if end else {}
    outcome = known.outcome or str(facts.get("outcome") or "running")
    steps = build_steps(
        runbook.steps,
        entries,
        succeeded=outcome == "succeeded",
        failed_step=str(facts.get("failed_step") or "") or None,
    )
    incident_at = run.incident_at or known.incident_at
    served = known.served_at or _find_served_at(runbook, steps, entries)
    ended = known.ended_at or (end.at if end else None)
    rto = known.rto or measure_rto(
        runbook,
        _describe_service(runbook, outcome, entries, served),
        began_at=incident_at or run.started_at,
        by_incident=incident_at is not None,
    )
    rpo = known.rpo or measure_rpo(runbook, links)
    until = served or ended or entries[-1].at
    began_at = min(incident_at or run.started_at, run.started_at)
    idle_spans = find_idle_spans(entries)
    moves = _list_moves(steps, entries)
    time_breakdown = break_down_time(
        began_at,
        run.started_at,
        until,
        steps[: moves[-1] + 1] if moves else steps,  # users did not wait for later steps
        served=served is not None,
        idle_spans=idle_spans,
    )
    return Evidence(
        source=known.source,
        application=run.application,
        runbook=run.runbook,
        run=run.id,
        origin=run.origin,
        target=run.target,
        scenario=known.scenario,
        scenario_text=known.scenario_text,
        seed=known.seed,
        outcome=outcome,
        error=known.error or str(facts.get("error") or "") or None,
        cause=known.cause or str(facts.get("cause") or "") or None,
        passed=_is_passed(outcome, rto, rpo, steps) if known.passed is None else known.passed,
        incident_at=incident_at,
        started_at=run.started_at,
        ended_at=ended,
        rto=rto,
        rpo=rpo,
        steps=steps,
        went=time_breakdown,
        decisions=list_decisions(run, runbook.steps, links),
        unsent_messages=list_unsent_messages(links),
        servers=list_server_recoveries(links),
        stood=idle_spans,
        marks=sorted(
            [
                *_build_marks(incident_at, run.started_at, [steps[n] for n in moves], known.served_at, ended),
                *_build_stop_marks(idle_spans),
            ],
            key=lambda mark: mark.at,
        ),
        faults=list(known.faults),
        traffic=known.traffic,
        writes=known.writes,
        started_by=list(known.started_by),
        graph=known.graph,
        usage=known.usage,
        promises=list(known.promises),
        versions=known.versions,
        journal=list(links),
    )


def _list_moves(steps: Sequence[EvidenceStep], entries: Sequence[JournalEntry]) -> list[int]:
    """Return the places of the steps that moved users. A step that kept them where they are is none of them."""
    holds = {entry.step for entry in entries if entry.event is JournalEvent.STEP_DONE and is_hold(entry)}
    return [
        place
        for place, step in enumerate(steps)
        if has_effect(step.kind, Effect.MOVES_USERS) and step.status == "done" and step.id not in holds
    ]


def _find_served_at(
    runbook: RunbookSummary, steps: Sequence[EvidenceStep], entries: Sequence[JournalEntry]
) -> datetime | None:
    """Return when the check after the last move was done, or the move itself if there is no check.

    Returns None for a run that moved no users, or moved them back, as a drill or a rollback does.
    """
    moves = _list_moves(steps, entries)
    if not moves or assess_traffic(runbook.steps, entries)[0] is TrafficOutcome.MOVED_BACK:
        return None
    checks = [
        step
        for step in steps[moves[-1] + 1 :]
        if has_effect(step.kind, Effect.CHECKS_SERVICE) and step.status == "done"
    ]
    return checks[0].ended_at if checks else steps[moves[-1]].ended_at


def _describe_service(
    runbook: RunbookSummary, outcome: str, entries: Sequence[JournalEntry], served_at: datetime | None
) -> ServiceRecord:
    moves_users = any(has_effect(step.kind, Effect.MOVES_USERS) for step in runbook.steps)
    moved_back = moves_users and assess_traffic(runbook.steps, entries)[0] is TrafficOutcome.MOVED_BACK
    return ServiceRecord(served_at=served_at, moves_users=moves_users, moved_back=moved_back, outcome=outcome)


def _is_passed(outcome: str, rto: MeasuredObjective, rpo: MeasuredObjective, steps: Sequence[EvidenceStep]) -> bool:
    """Return whether the run succeeded, missed no objective, and has no step that failed or was passed over."""
    return outcome == "succeeded" and not (rto.missed or rpo.missed) and not list_unmet_steps(steps)


def _build_marks(
    incident: datetime | None,
    started: datetime,
    moving_steps: Sequence[EvidenceStep],
    served: datetime | None,
    ended: datetime | None,
) -> Iterator[TimelineMark]:
    if incident is not None and incident < started - timedelta(seconds=1):
        yield TimelineMark(at=incident, kind="incident", text="incident")
    yield TimelineMark(at=started, kind="start", text="run started")
    for step in moving_steps:
        if step.ended_at is not None:
            yield TimelineMark(at=step.ended_at, kind="shift", text="users moved")
    if served is not None:
        yield TimelineMark(at=served, kind="served", text="all users served")
    if ended is not None:
        yield TimelineMark(at=ended, kind="end", text="run ended")


def _build_stop_marks(idle_spans: Sequence[WaitSpan]) -> Iterator[TimelineMark]:
    for span in idle_spans:
        yield TimelineMark(at=span.started_at, kind="stop", text="run failed")
        yield TimelineMark(at=span.ended_at, kind="resume", text="run resumed")


def read_entries(evidence: Evidence) -> list[JournalEntry]:
    """Return the journal entries in the evidence."""
    return [entry_from_link(link) for link in evidence.journal]
