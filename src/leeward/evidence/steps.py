"""A run's steps with their times, from its journal alone: attempts, parts, waves, and what each wave waited for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leeward.control.journal import Entry, Event
from leeward.control.outcome import Fate, StepEnd, step_ends
from leeward.control.run import StepName
from leeward.evidence.model import Part, Status, Step

_STATUS = {
    Fate.DONE: Status.DONE,
    Fate.FAILED: Status.FAILED,
    Fate.PASSED_OVER: Status.PASSED_OVER,
    Fate.UNDONE: Status.UNDONE,
    Fate.UNFINISHED: Status.UNFINISHED,
    Fate.NOT_REACHED: Status.NOT_REACHED,
}
_BEGINS = (Event.STEP_STARTED, Event.QUESTION_ASKED)
_ENDS = {Event.STEP_DONE: Status.DONE, Event.STEP_FAILED: Status.FAILED}


def steps_of(
    names: Sequence[StepName], entries: Sequence[Entry], *, succeeded: bool, failed: str | None = None
) -> list[Step]:
    """Every step of the runbook, in its order. `failed` is the step at which the run failed, as its end tells."""
    ends = step_ends(names, entries, succeeded=succeeded, failed=failed)
    return [_step(end, [e for e in entries if e.step == end.step.id], failed=end.step.id == failed) for end in ends]


def _step(end: StepEnd, entries: Sequence[Entry], *, failed: bool) -> Step:
    # That it failed may be all that could be written of it.
    fate = Fate.FAILED if failed and end.fate is Fate.NOT_REACHED else end.fate
    acting = [e for e in entries if e.event in (*_BEGINS, *_ENDS, Event.STEP_WAITING, Event.QUESTION_ANSWERED)]
    over = [e.at for e in entries if e.event in (*_ENDS, Event.QUESTION_ANSWERED, Event.QUESTION_LAPSED)]
    finished = fate not in (Fate.UNFINISHED, Fate.NOT_REACHED)
    return Step(
        id=end.step.id,
        name=end.step.name,
        kind=end.step.kind,
        status=_STATUS[fate],
        attempts=max((e.attempt or 1 for e in acting), default=0),
        started_at=acting[0].at if acting else None,
        ended_at=max(over) if over and finished else (acting[-1].at if acting and finished else None),
        detail=end.detail,
        parts=_parts(acting),
    )


def _parts(entries: Sequence[Entry]) -> list[Part]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        name = entry.facts.get("part")
        if name:
            found.setdefault(str(name), []).append(entry)
    return _in_waves([_part(name, own) for name, own in found.items()])


def _part(name: str, entries: Sequence[Entry]) -> Part:
    last = entries[-1]
    status = _ENDS.get(last.event, Status.UNFINISHED)
    ended = last.at if status is not Status.UNFINISHED else None
    return Part(name=name, status=status, started_at=entries[0].at, ended_at=ended, detail=last.detail)


def _in_waves(parts: list[Part]) -> list[Part]:
    """A wave begins when all of the one before has ended; what ends last in it is what everybody waited for."""
    waves: list[list[Part]] = []
    until: datetime | None = None
    for part in sorted(parts, key=lambda p: (p.started_at is None, p.started_at)):
        begins = until is None or (part.started_at is not None and part.started_at >= until)
        if begins:
            waves.append([])
            until = None
        waves[-1].append(part)
        if part.ended_at is not None:
            until = max(until or part.ended_at, part.ended_at)
    placed: list[Part] = []
    for number, wave in enumerate(waves, start=1):
        last = max((p.ended_at for p in wave if p.ended_at), default=None)
        for part in wave:
            critical = last is not None and part.ended_at == last
            placed.append(part.model_copy(update={"wave": number, "critical": critical}))
    return placed
