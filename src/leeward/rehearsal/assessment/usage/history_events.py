"""Reads usage from the history of an execution: the state that each event belongs to, and the largest payload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# The fields of an event's details that Step Functions limits to 256 KiB each.
_PAYLOAD_FIELDS = ("input", "output", "parameters")


def events_by_state(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each event with the name of its state. The name is empty for an event of the execution itself."""
    states: dict[int, str] = {}
    latest = ""
    for event in events:
        if is_state_entered(event):
            latest = state = str(event["stateEnteredEventDetails"]["name"])
        elif "stateExitedEventDetails" in event:
            state = str(event["stateExitedEventDetails"]["name"])
        elif str(event["type"]).startswith("Execution"):
            state = ""
        else:
            # A redriven execution resumes a state without entering it, so its first event follows none of the state.
            state = states.get(int(event.get("previousEventId") or 0)) or latest
        states[int(event["id"])] = state
        yield state, event


def is_state_entered(event: Mapping[str, Any]) -> bool:
    """Return whether the event is a state transition."""
    return "stateEnteredEventDetails" in event


def largest_payload_bytes(events: Iterable[Mapping[str, Any]]) -> int:
    """Return the size of the largest input or output of a state or task, in bytes of UTF-8."""
    return max((len(payload.encode()) for event in events for payload in _payloads(event)), default=0)


def _payloads(event: Mapping[str, Any]) -> Iterator[str]:
    for details in event.values():
        if isinstance(details, Mapping):
            yield from (details[field] for field in _PAYLOAD_FIELDS if isinstance(details.get(field), str))
