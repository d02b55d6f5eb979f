"""Where the time went, from the incident until the users were served (or the run's end): stretch after stretch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leeward.evidence.model import Span, Step
from leeward.evidence.stood import without

# Shorter stretches between steps are Step Functions passing from state to state.
_SMALL_SECONDS = 1.0


def spans_of(
    began: datetime,
    started: datetime,
    until: datetime,
    steps: Sequence[Step],
    *,
    served: bool,
    stood: Sequence[Span] = (),
) -> list[Span]:
    """The stretches between `began` (the incident, or the start) and `until`, without gaps and without overlap.
    `stood`: when the run stood in between."""
    spans: list[Span] = []
    now = began
    for stretch in without(list(_stretches(began, started, steps)), stood):
        begin, end = max(stretch.started_at, now), min(stretch.ended_at, until)
        if end <= begin:
            continue
        if (begin - now).total_seconds() >= _SMALL_SECONDS:
            spans.append(Span(text="between steps", started_at=now, ended_at=begin))
        else:
            begin = now
        spans.append(Span(text=stretch.text, started_at=begin, ended_at=end))
        now = end
    if (until - now).total_seconds() >= _SMALL_SECONDS:
        spans.append(
            Span(
                text="until the users were served there" if served else "until the run ended",
                started_at=now,
                ended_at=until,
            )
        )
    return spans


def _stretches(began: datetime, started: datetime, steps: Sequence[Step]) -> Iterator[Span]:
    if started > began:
        yield Span(text="until the run was started", started_at=began, ended_at=started)
    for step in steps:
        if step.started_at is None or step.ended_at is None:
            continue
        critical = [p for p in step.parts if p.critical and p.started_at and p.ended_at]
        if not critical:
            yield Span(text=_words(step), started_at=step.started_at, ended_at=step.ended_at)
            continue
        for part in {p.wave: p for p in critical}.values():
            assert part.started_at is not None and part.ended_at is not None  # noqa: PT018 - filtered above
            yield Span(text=f"{step.name}: {part.name}", started_at=part.started_at, ended_at=part.ended_at)


def _words(step: Step) -> str:
    return f"{step.name} (a person's answer)" if step.kind == "approval.request" else step.name
