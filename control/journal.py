"""The journal of a run: append-only, the evidence of what happened.

One item per entry, `pk` = RUN#<run id>, `sk` = <time>#<request id>#<n>, written on the condition that it is new, so
that nothing is ever overwritten and a write whose answer was lost can be sent again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from common.table import NEW, Table


class Event(StrEnum):
    """What an entry tells of."""

    RUN_BEGAN = "run.began"
    STEP_STARTED = "step.started"
    STEP_WAITING = "step.waiting"
    STEP_DONE = "step.done"
    STEP_FAILED = "step.failed"
    STEP_SKIPPED = "step.skipped"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    DATA_LOSS_ACCEPTED = "data_loss.accepted"
    LOCK_TAKEN = "lock.taken"
    LOCK_TAKEN_OVER = "lock.taken_over"
    LOCK_WAIVED = "lock.waived"
    LOCK_RELEASED = "lock.released"
    RUN_ENDED = "run.ended"
    # Since when a machine that serves has had no copy, and since when it has one again.
    PROTECTION_LOST = "protection.lost"
    PROTECTION_DEFERRED = "protection.deferred"
    PROTECTION_REVERSED = "protection.reversed"
    PROTECTION_PROVEN = "protection.proven"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `step` and `attempt` are None for what belongs to the run as a whole."""

    at: datetime
    event: Event
    detail: str
    step: str | None = None
    attempt: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


class Journal:
    """Writes the entries of one run from one request (one invocation of a task), each later than the one before."""

    def __init__(self, table: Table, run_id: str, request_id: str) -> None:
        self._table = table
        self.run_id = run_id
        self._request_id = request_id
        self._written = 0
        self._latest: datetime | None = None

    def write(self, entry: Entry) -> None:
        """Append one entry."""
        if self._latest is not None and entry.at <= self._latest:  # a coarse clock keeps the order too
            entry = replace(entry, at=self._latest + timedelta(microseconds=1))
        self._latest = entry.at
        self._put(entry, f"{_iso(entry.at)}#{self._request_id}#{self._written:03}")
        self._written += 1

    def write_once(self, entry: Entry, key: str) -> None:
        """Append an entry that may be written again after a crash: the same time and `key` make the same entry."""
        self._put(entry, f"{_iso(entry.at)}#{key}#000")

    def entries(self) -> list[Entry]:
        """Every entry of the run, oldest first."""
        return read(self._table, self.run_id)

    def _put(self, entry: Entry, sk: str) -> None:
        self._table.put(
            {
                "pk": _pk(self.run_id),
                "sk": sk,
                "at": _iso(entry.at),
                "event": entry.event.value,
                "step": entry.step,
                "attempt": entry.attempt,
                "detail": entry.detail,
                "facts": json.dumps(entry.facts, sort_keys=True) if entry.facts else None,
            },
            when=NEW,  # False means that this very entry is there already
        )


def read(table: Table, run_id: str) -> list[Entry]:
    """Every entry of a run, oldest first; empty for a run that never began."""
    return [
        Entry(
            at=datetime.fromisoformat(str(item["at"])),
            event=Event(str(item["event"])),
            detail=str(item["detail"]),
            step=str(item["step"]) if "step" in item else None,
            attempt=int(item["attempt"]) if "attempt" in item else None,
            facts=json.loads(str(item["facts"])) if "facts" in item else {},
        )
        for item in table.query(_pk(run_id))
    ]


def _pk(run_id: str) -> str:
    return f"RUN#{run_id}"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
