"""Finds the idle spans of a run: from an end until an operator resumed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.evidence.model import WaitSpan

_IDLE_TEXT = "stopped until an operator resumed it"


def find_idle_spans(entries: Sequence[JournalEntry]) -> list[WaitSpan]:
    """Return the idle spans in order. A run that has not been resumed has no idle span for its last end."""
    spans: list[WaitSpan] = []
    ended = None
    for entry in entries:
        if entry.event is JournalEvent.RUN_ENDED:
            ended = ended or entry.at
        elif entry.event is JournalEvent.RUN_RESUMED and ended is not None:
            spans.append(WaitSpan(text=_IDLE_TEXT, started_at=ended, ended_at=entry.at))
            ended = None
    return spans


def separate_idle_spans(spans: Sequence[WaitSpan], idle_spans: Sequence[WaitSpan]) -> list[WaitSpan]:
    """Return all spans in time order. The idle spans are separate and cut out of the other spans."""
    if not idle_spans:
        return list(spans)
    active = [piece for span in spans for piece in _subtract_idle_spans(span, idle_spans)]
    return sorted([*active, *idle_spans], key=lambda span: span.started_at)


def _subtract_idle_spans(span: WaitSpan, idle_spans: Sequence[WaitSpan]) -> Iterator[WaitSpan]:
    begin = span.started_at
    for idle in idle_spans:
        if idle.ended_at <= begin or idle.started_at >= span.ended_at:
            continue
        if idle.started_at > begin:
            yield span.model_copy(update={"started_at": begin, "ended_at": idle.started_at})
        begin = idle.ended_at
    if begin < span.ended_at:
        yield span.model_copy(update={"started_at": begin})
