"""When a run stood: from an end that was not its last until it was resumed. It waited for a person then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.control.journal import Entry, Event
from leeward.evidence.model import Span

_TEXT = "stood until it was resumed"


def stood_in(entries: Sequence[Entry]) -> list[Span]:
    """Each time that the run stood, in order; of one that stands still there is none yet."""
    found: list[Span] = []
    ended = None
    for entry in entries:
        if entry.event is Event.RUN_ENDED:
            ended = ended or entry.at
        elif entry.event is Event.RUN_RESUMED and ended is not None:
            found.append(Span(text=_TEXT, started_at=ended, ended_at=entry.at))
            ended = None
    return found


def without(stretches: Sequence[Span], stood: Sequence[Span]) -> list[Span]:
    """The stretches in the order of time; when the run stood is cut out of the others, and told by itself."""
    if not stood:
        return list(stretches)
    cut = [piece for stretch in stretches for piece in _cut(stretch, stood)]
    return sorted([*cut, *stood], key=lambda span: span.started_at)


def _cut(stretch: Span, stood: Sequence[Span]) -> Iterator[Span]:
    begin = stretch.started_at
    for each in stood:
        if each.ended_at <= begin or each.started_at >= stretch.ended_at:
            continue
        if each.started_at > begin:
            yield stretch.model_copy(update={"started_at": begin, "ended_at": each.started_at})
        begin = each.ended_at
    if begin < stretch.ended_at:
        yield stretch.model_copy(update={"started_at": begin})
