"""From a run's journal to its evidence. What a rehearsal or AWS knows besides is put in with `Besides`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from leeward.common.errors import NotFound
from leeward.control.chain import Link
from leeward.control.ends import end_of
from leeward.control.journal import Entry, Event, entry_of
from leeward.control.outcome import users
from leeward.control.run import Runbook, RunRef, StepName
from leeward.evidence.decisions import decisions_of
from leeward.evidence.model import (
    Evidence,
    Graph,
    Mark,
    Objective,
    Promise,
    Span,
    Step,
    Traffic,
    Usage,
    Versions,
    Writes,
)
from leeward.evidence.servers import servers_of, worst_loss
from leeward.evidence.spans import spans_of
from leeward.evidence.steps import steps_of
from leeward.evidence.stood import stood_in

_SHIFTS = ("arc.route", "route53.weights")
_CHECK = "http.check"


@dataclass(frozen=True, slots=True)
class Besides:
    """What the journal does not know. `served_at`: since when every user was served by the target, as they saw it."""

    source: Literal["rehearsal", "aws"] = "aws"
    scenario: str | None = None
    scenario_text: str = ""
    seed: int | None = None
    outcome: str | None = None
    error: str | None = None
    cause: str | None = None
    passed: bool | None = None
    ended_at: datetime | None = None
    rto: Objective | None = None
    rpo: Objective | None = None
    served_at: datetime | None = None
    incident_at: datetime | None = None
    faults: Sequence[str] = ()
    traffic: Traffic | None = None
    writes: Writes | None = None
    started_by: Sequence[str] = ()
    graph: Graph | None = None
    usage: Usage = field(default_factory=Usage)
    promises: Sequence[Promise] = ()
    versions: Versions = field(default_factory=Versions)


def evidence_of(run_id: str, links: Sequence[Link], besides: Besides | None = None) -> Evidence:
    """The evidence of a run. Raises NotFound for a run whose journal does not begin."""
    known = besides or Besides()
    entries = [entry_of(link) for link in links]
    began = next((e for e in entries if e.event is Event.RUN_BEGAN), None)
    if began is None:
        raise NotFound(f"the journal of {run_id} has no beginning: there is no such run, or it was refused")
    run, runbook = RunRef.model_validate(began.facts["run"]), Runbook.model_validate(began.facts["runbook"])
    end = end_of(entries)
    facts = end.facts if end else {}
    outcome = known.outcome or str(facts.get("outcome") or "running")
    steps = steps_of(
        runbook.steps, entries, succeeded=outcome == "succeeded", failed=str(facts.get("failed_step") or "") or None
    )
    incident = run.incident_at or known.incident_at
    served = known.served_at or _served_at(steps)
    ended = known.ended_at or (end.at if end else None)
    rto = known.rto or _rto(runbook, incident or run.started_at, served, by_incident=incident is not None)
    rpo = known.rpo or _rpo(runbook, links)
    until = served or ended or entries[-1].at
    began_at = min(incident or run.started_at, run.started_at)
    stood = stood_in(entries)
    went = spans_of(began_at, run.started_at, until, _until_the_shift(steps), served=served is not None, stood=stood)
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
        passed=outcome == "succeeded" and rto.met and rpo.met if known.passed is None else known.passed,
        incident_at=incident,
        started_at=run.started_at,
        ended_at=ended,
        rto=rto,
        rpo=rpo,
        steps=steps,
        went=went,
        decisions=decisions_of(run, runbook.steps, links),
        servers=servers_of(links),
        stood=stood,
        marks=sorted(
            [*_marks(incident, run.started_at, steps, known.served_at, ended), *_stops(stood)], key=lambda mark: mark.at
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


def users_of(evidence: Evidence) -> str:
    """Where the users were sent, in words."""
    where, why = users(_names(evidence), [entry_of(link) for link in evidence.journal])
    return f"{where.value} ({why})"


def _names(evidence: Evidence) -> Sequence[StepName]:
    began = next(link for link in evidence.journal if link.event == Event.RUN_BEGAN)
    return Runbook.model_validate(began.facts["runbook"]).steps


def _until_the_shift(steps: Sequence[Step]) -> Sequence[Step]:
    """What the users waited for: nothing after the step that sent them elsewhere."""
    shifts = [i for i, step in enumerate(steps) if step.kind in _SHIFTS and step.status == "done"]
    return steps[: shifts[-1] + 1] if shifts else steps


def _served_at(steps: Sequence[Step]) -> datetime | None:
    """When the check after the last shift of the users was done; without one, the shift itself."""
    shifts = [i for i, step in enumerate(steps) if step.kind in _SHIFTS and step.status == "done"]
    if not shifts:
        return None
    after = [step for step in steps[shifts[-1] + 1 :] if step.kind == _CHECK and step.status == "done"]
    return after[0].ended_at if after else steps[shifts[-1]].ended_at


def _rto(runbook: Runbook, began: datetime, served: datetime | None, *, by_incident: bool) -> Objective:
    measured = None if served is None else max(0.0, (served - began).total_seconds())
    of = "the incident" if by_incident else "the start of the run"
    basis = f"from {of} until the check after the shift was done" if served else "the users were not moved"
    return _held(runbook.rto_seconds, measured, basis)


def _rpo(runbook: Runbook, links: Sequence[Link]) -> Objective:
    loss = worst_loss(links)
    basis = "the preflight's expectation, worst server" if loss is not None else "no preflight told it"
    return _held(runbook.rpo_seconds, loss, basis)


def _held(objective: int, measured: float | None, basis: str) -> Objective:
    met = measured is not None and measured <= objective
    return Objective(objective_seconds=objective, measured_seconds=measured, met=met, basis=basis)


def _marks(
    incident: datetime | None,
    started: datetime,
    steps: Sequence[Step],
    served: datetime | None,
    ended: datetime | None,
) -> Iterator[Mark]:
    if incident is not None and incident < started - timedelta(seconds=1):
        yield Mark(at=incident, kind="incident", text="incident")
    yield Mark(at=started, kind="start", text="run started")
    for step in steps:
        if step.kind in _SHIFTS and step.ended_at is not None and step.status == "done":
            yield Mark(at=step.ended_at, kind="shift", text="users sent elsewhere")
    if served is not None:
        yield Mark(at=served, kind="served", text="all users served")
    if ended is not None:
        yield Mark(at=ended, kind="end", text="run ended")


def _stops(stood: Sequence[Span]) -> Iterator[Mark]:
    for span in stood:
        yield Mark(at=span.started_at, kind="stop", text="run failed")
        yield Mark(at=span.ended_at, kind="resume", text="run resumed")


def entries_of(evidence: Evidence) -> list[Entry]:
    """The journal's entries."""
    return [entry_of(link) for link in evidence.journal]
