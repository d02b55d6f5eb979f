"""A run's steps with their times, from its journal alone: attempts, parts, waves, and what each wave waited for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.run_summary import StepOutcome, StepSummary, summarize_steps
from leeward.control.run.run_reference import RunbookStep
from leeward.evidence.model import EvidencePart, EvidenceStep, EvidenceStepStatus

_STATUS_BY_FATE = {
    StepOutcome.DONE: EvidenceStepStatus.DONE,
    StepOutcome.FAILED: EvidenceStepStatus.FAILED,
    StepOutcome.SKIPPED: EvidenceStepStatus.PASSED_OVER,
    StepOutcome.UNDONE: EvidenceStepStatus.UNDONE,
    StepOutcome.UNFINISHED: EvidenceStepStatus.UNFINISHED,
    StepOutcome.NOT_REACHED: EvidenceStepStatus.NOT_REACHED,
}
_START_EVENTS = (JournalEvent.STEP_STARTED, JournalEvent.QUESTION_ASKED)
_END_STATUSES = {JournalEvent.STEP_DONE: EvidenceStepStatus.DONE, JournalEvent.STEP_FAILED: EvidenceStepStatus.FAILED}


def build_steps(
    names: Sequence[RunbookStep], entries: Sequence[JournalEntry], *, succeeded: bool, failed_step: str | None = None
) -> list[EvidenceStep]:
    """Every step of the runbook, in its order. `failed` is the step at which the run failed, as its end tells."""
    ends = summarize_steps(names, entries, succeeded=succeeded, failed=failed_step)
    return [
        _build_step(end, [e for e in entries if e.step == end.step.id], failed=end.step.id == failed_step)
        for end in ends
    ]


def _build_step(end: StepSummary, entries: Sequence[JournalEntry], *, failed: bool) -> EvidenceStep:
    # That it failed may be all that could be written of it.
    fate = StepOutcome.FAILED if failed and end.outcome is StepOutcome.NOT_REACHED else end.outcome
    acting = [
        e
        for e in entries
        if e.event in (*_START_EVENTS, *_END_STATUSES, JournalEvent.STEP_WAITING, JournalEvent.QUESTION_ANSWERED)
    ]
    over = [
        e.at
        for e in entries
        if e.event in (*_END_STATUSES, JournalEvent.QUESTION_ANSWERED, JournalEvent.QUESTION_LAPSED)
    ]
    finished = fate not in (StepOutcome.UNFINISHED, StepOutcome.NOT_REACHED)
    return EvidenceStep(
        id=end.step.id,
        name=end.step.name,
        kind=end.step.kind,
        status=_STATUS_BY_FATE[fate],
        attempts=max((e.attempt or 1 for e in acting), default=0),
        started_at=acting[0].at if acting else None,
        ended_at=max(over) if over and finished else (acting[-1].at if acting and finished else None),
        detail=end.detail,
        parts=_build_parts(acting),
    )


def _build_parts(entries: Sequence[JournalEntry]) -> list[EvidencePart]:
    found: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        name = entry.facts.get("part")
        if name:
            found.setdefault(str(name), []).append(entry)
    return _assign_waves([_build_part(name, own) for name, own in found.items()])


def _build_part(name: str, entries: Sequence[JournalEntry]) -> EvidencePart:
    last = entries[-1]
    status = _END_STATUSES.get(last.event, EvidenceStepStatus.UNFINISHED)
    ended = last.at if status is not EvidenceStepStatus.UNFINISHED else None
    return EvidencePart(name=name, status=status, started_at=entries[0].at, ended_at=ended, detail=last.detail)


def _assign_waves(parts: list[EvidencePart]) -> list[EvidencePart]:
    """A wave begins when all of the one before has ended; what ends last in it is what everybody waited for."""
    waves: list[list[EvidencePart]] = []
    until: datetime | None = None
    for part in sorted(parts, key=lambda p: (p.started_at is None, p.started_at)):
        begins = until is None or (part.started_at is not None and part.started_at >= until)
        if begins:
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
