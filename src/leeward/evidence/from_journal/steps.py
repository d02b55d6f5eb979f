"""Builds a run's steps from its journal: times, attempts, parts, waves, and the critical part of each wave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leeward.common.polling import PartProgress, PartState
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.run_summary import StepOutcome, StepSummary, summarize_steps
from leeward.control.run.run_reference import RunbookStep
from leeward.evidence.model import EvidencePart, EvidenceStep, EvidenceStepStatus

_STATUS_BY_OUTCOME = {
    StepOutcome.DONE: EvidenceStepStatus.DONE,
    StepOutcome.FAILED: EvidenceStepStatus.FAILED,
    StepOutcome.SKIPPED: EvidenceStepStatus.PASSED_OVER,
    StepOutcome.UNDONE: EvidenceStepStatus.UNDONE,
    StepOutcome.UNFINISHED: EvidenceStepStatus.UNFINISHED,
    StepOutcome.NOT_REACHED: EvidenceStepStatus.NOT_REACHED,
}
_START_EVENTS = (JournalEvent.STEP_STARTED, JournalEvent.QUESTION_ASKED)
_STATUS_BY_PART_STATE = {PartState.DONE: EvidenceStepStatus.DONE, PartState.FAILED: EvidenceStepStatus.FAILED}
_END_STATUSES = {JournalEvent.STEP_DONE: EvidenceStepStatus.DONE, JournalEvent.STEP_FAILED: EvidenceStepStatus.FAILED}


def build_steps(
    names: Sequence[RunbookStep], entries: Sequence[JournalEntry], *, succeeded: bool, failed_step: str | None = None
) -> list[EvidenceStep]:
    """Return every step of the runbook, in order. `failed_step` is the id of the step at which the run failed."""
    summaries = summarize_steps(names, entries, succeeded=succeeded, failed=failed_step)
    return [
        _build_step(summary, [e for e in entries if e.step == summary.step.id], failed=summary.step.id == failed_step)
        for summary in summaries
    ]


def _build_step(summary: StepSummary, entries: Sequence[JournalEntry], *, failed: bool) -> EvidenceStep:
    # The journal may contain only the run's end, which names the failed step.
    outcome = StepOutcome.FAILED if failed and summary.outcome is StepOutcome.NOT_REACHED else summary.outcome
    active_entries = [
        e
        for e in entries
        if e.event in (*_START_EVENTS, *_END_STATUSES, JournalEvent.STEP_WAITING, JournalEvent.QUESTION_ANSWERED)
    ]
    end_times = [
        e.at
        for e in entries
        if e.event in (*_END_STATUSES, JournalEvent.QUESTION_ANSWERED, JournalEvent.QUESTION_LAPSED)
    ]
    finished = outcome not in (StepOutcome.UNFINISHED, StepOutcome.NOT_REACHED)
    last_active_at = active_entries[-1].at if active_entries else None
    ended_at = max(end_times) if end_times else last_active_at
    return EvidenceStep(
        id=summary.step.id,
        name=summary.step.name,
        kind=summary.step.kind,
        status=_STATUS_BY_OUTCOME[outcome],
        attempts=max((e.attempt or 1 for e in active_entries), default=0),
        started_at=active_entries[0].at if active_entries else None,
        ended_at=ended_at if finished else None,
        detail=summary.detail,
        parts=_build_parts(active_entries),
    )


def _build_parts(entries: Sequence[JournalEntry]) -> list[EvidencePart]:
    """Return the parts with the times of the entries that first showed them and that first showed them as ended."""
    parts: dict[str, EvidencePart] = {}
    for entry in entries:
        for seen in _parts_of(entry):
            known = parts.get(seen.name, seen)
            ended = known.ended_at if known.status is seen.status else seen.ended_at
            parts[seen.name] = seen.model_copy(update={"started_at": known.started_at, "ended_at": ended})
    return _assign_waves(list(parts.values()))


def _parts_of(entry: JournalEntry) -> list[EvidencePart]:
    """Return the parts that an entry shows. Until version 0.1, each part had entries of its own."""
    own, listed = entry.facts.get("part"), entry.facts.get("parts")
    if own:
        return [_build_part(str(own), _END_STATUSES.get(entry.event), entry.detail, entry.at)]
    found = [PartProgress.model_validate(part) for part in listed] if isinstance(listed, list) else []
    return [_build_part(part.name, _STATUS_BY_PART_STATE.get(part.state), part.detail, entry.at) for part in found]


def _build_part(name: str, end: EvidenceStepStatus | None, detail: str, at: datetime) -> EvidencePart:
    return EvidencePart(
        name=name,
        status=end or EvidenceStepStatus.UNFINISHED,
        started_at=at,
        ended_at=at if end is not None else None,
        detail=detail,
    )


def _assign_waves(parts: list[EvidencePart]) -> list[EvidencePart]:
    """Return the parts with their waves. A wave begins when every part of the previous wave has ended.

    The part that ends last in its wave is critical, because the step waited for it.
    """
    waves: list[list[EvidencePart]] = []
    until: datetime | None = None
    for part in sorted(parts, key=lambda p: (p.started_at is None, p.started_at)):
        starts_wave = until is None or (part.started_at is not None and part.started_at >= until)
        if starts_wave:
            waves.append([])
            until = None
        waves[-1].append(part)
        if part.ended_at is not None:
            until = max(until or part.ended_at, part.ended_at)
    placed: list[EvidencePart] = []
    for number, wave in enumerate(waves, start=1):
        last = max((p.ended_at for p in wave if p.ended_at), default=None)
        for part in wave:
            critical = last is not None and part.ended_at == last
            placed.append(part.model_copy(update={"wave": number, "critical": critical}))
    return placed
