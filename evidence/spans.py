"""Where the time went, from the incident until the users were served (or the run's end): stretch after stretch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from evidence.model import Span, Step

# Shorter stretches between steps are Step Functions passing from state to state.
_SMALL_SECONDS = 1.0


def spans_of(began: datetime, started: datetime, until: datetime, steps: Sequence[Step], *, served: bool) -> list[Span]:
    """The stretches between `began` (the incident, or the start) and `until`, without gaps and without overlap."""
    spans: list[Span] = []
    now = began
    for text, begin, end in _stretches(began, started, steps):
        begin, end = max(begin, now), min(end, until)  # noqa: PLW2901 - clipped to what is left
        if end <= begin:
            continue
        if (begin - now).total_seconds() >= _SMALL_SECONDS:
            spans.append(Span(text="between steps", started_at=now, ended_at=begin))
        else:
            begin = now  # noqa: PLW2901
        spans.append(Span(text=text, started_at=begin, ended_at=end))
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


def _stretches(began: datetime, started: datetime, steps: Sequence[Step]) -> Iterator[tuple[str, datetime, datetime]]:
    if started > began:
        yield "until the run was started", began, started
    for step in steps:
        if step.started_at is None or step.ended_at is None:
            continue
        critical = [p for p in step.parts if p.critical and p.started_at and p.ended_at]
        if not critical:
            yield _words(step), step.started_at, step.ended_at
            continue
        for part in {p.wave: p for p in critical}.values():
            assert part.started_at is not None and part.ended_at is not None  # noqa: PT018 - filtered above
            yield f"{step.name}: {part.name}", part.started_at, part.ended_at


def _words(step: Step) -> str:
    return f"{step.name} (a person's answer)" if step.kind == "approval.request" else step.name
