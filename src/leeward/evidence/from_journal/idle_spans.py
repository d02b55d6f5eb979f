"""When a run stood: from an end that was not its last until it was resumed. It waited for a person then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.evidence.model import WaitSpan

_IDLE_TEXT = "stood until it was resumed"


def find_idle_spans(entries: Sequence[JournalEntry]) -> list[WaitSpan]:
    """Each time that the run stood, in order; of one that stands still there is none yet."""
    found: list[WaitSpan] = []
    ended = None
    for entry in entries:
        if entry.event is JournalEvent.RUN_ENDED:
            ended = ended or entry.at
        elif entry.event is JournalEvent.RUN_RESUMED and ended is not None:
            found.append(WaitSpan(text=_IDLE_TEXT, started_at=ended, ended_at=entry.at))
            ended = None
    return found


def separate_idle_spans(spans: Sequence[WaitSpan], idle_spans: Sequence[WaitSpan]) -> list[WaitSpan]:
    """The stretches in the order of time; when the run stood is cut out of the others, and told by itself."""
    if not idle_spans:
        return list(spans)
    cut = [piece for stretch in spans for piece in _subtract_idle_spans(stretch, idle_spans)]
    return sorted([*cut, *idle_spans], key=lambda span: span.started_at)


def _subtract_idle_spans(span: WaitSpan, idle_spans: Sequence[WaitSpan]) -> Iterator[WaitSpan]:
    begin = span.started_at
    for each in idle_spans:
        if each.ended_at <= begin or each.started_at >= span.ended_at:
            continue
        if each.started_at > begin:
            yield span.model_copy(update={"started_at": begin, "ended_at": each.started_at})
        begin = each.ended_at
    if begin < span.ended_at:
        yield span.model_copy(update={"started_at": begin})
