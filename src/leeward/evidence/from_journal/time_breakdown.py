"""Breaks down the time from the incident until users were served, or until the run's end, into consecutive spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leeward.evidence.from_journal.idle_spans import separate_idle_spans
from leeward.evidence.model import EvidenceStep, WaitSpan
from leeward.kinds.registry import step_kinds

# Shorter gaps between steps are transitions of Step Functions.
_MIN_GAP_SECONDS = 1.0


def break_down_time(
    began: datetime,
    started: datetime,
    until: datetime,
    steps: Sequence[EvidenceStep],
    *,
    served: bool,
    idle_spans: Sequence[WaitSpan] = (),
) -> list[WaitSpan]:
    """Return the spans between `began` (the incident or the start) and `until`, without gaps or overlaps.

    `idle_spans` are the times when the run was stopped in between.
    """
    spans: list[WaitSpan] = []
    now = began
    for span in separate_idle_spans(list(_list_spans(began, started, steps)), idle_spans):
        begin, end = max(span.started_at, now), min(span.ended_at, until)
        if end <= begin:
            continue
        if (begin - now).total_seconds() >= _MIN_GAP_SECONDS:
            spans.append(WaitSpan(text="between steps", started_at=now, ended_at=begin))
        else:
            begin = now
        spans.append(WaitSpan(text=span.text, started_at=begin, ended_at=end))
        now = end
    if (until - now).total_seconds() >= _MIN_GAP_SECONDS:
        spans.append(
            WaitSpan(
                text="until users were served by the target" if served else "until the run ended",
                started_at=now,
                ended_at=until,
            )
        )
    return spans


def _list_spans(began: datetime, started: datetime, steps: Sequence[EvidenceStep]) -> Iterator[WaitSpan]:
    if started > began:
        yield WaitSpan(text="until the run was started", started_at=began, ended_at=started)
    for step in steps:
        if step.started_at is None or step.ended_at is None:
            continue
        critical = [p for p in step.parts if p.critical and p.started_at and p.ended_at]
        if not critical:
            yield WaitSpan(text=_describe_step(step), started_at=step.started_at, ended_at=step.ended_at)
            continue
        for part in {p.wave: p for p in critical}.values():
            assert part.started_at is not None and part.ended_at is not None  # noqa: PT018 - filtered above
            yield WaitSpan(text=f"{step.name}: {part.name}", started_at=part.started_at, ended_at=part.ended_at)


def _describe_step(step: EvidenceStep) -> str:
    kind = step_kinds().get(step.kind)
    return f"{step.name} (waiting for {kind.waits_for})" if kind is not None and kind.waits_for else step.name
