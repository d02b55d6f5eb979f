"""One run at a time per application.

The lock is one item, put on the condition that there is none. The same run may take it again (a task can be called
again after any crash). It never expires: a run that stopped with the lock held did so on purpose, and only a person can
say that the next may go on (`take_over`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from common.errors import Busy, LockHeld
from common.table import NEW, Table, equals
from control.journal import Entry, Event, Journal
from control.run import RunRef

_SK = "LOCK"
# Between our failed put and our look the holder may let go; then we try again.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Holder:
    """The run that holds a lock, since when, and from which run it was taken over."""

    run: str
    since: datetime
    taken_from: str | None = None


def holder(table: Table, application: str) -> Holder | None:
    """Who holds the application's lock now."""
    item = table.get(_pk(application), _SK)
    if item is None:
        return None
    taken_from = item.get("taken_from")
    return Holder(
        run=str(item["run"]),
        since=datetime.fromisoformat(str(item["since"])),
        taken_from=None if taken_from is None else str(taken_from),
    )


def take(
    table: Table, run: RunRef, step: str, journal: Journal, *, now: datetime, still_running: Callable[[str], bool]
) -> Holder:
    """Take the lock of the run's application, or take it over where the run says so.

    `still_running(run id)` tells whether that run still acts: its lock is never taken from it.
    Raises LockHeld naming the holder and since when.
    """
    for _ in range(_TRIES):
        table.put(_item(run, now, taken_from=None), when=NEW)
        held = holder(table, run.application)
        if held is None:
            continue
        if held.run != run.id:
            if held.run != run.take_over:
                raise LockHeld(_refusal(run, held))
            if still_running(held.run):
                raise LockHeld(f"run {held.run} still runs and holds the lock: stop it before you take over from it")
            # The condition names the holder: whoever else takes over from it meanwhile wins or loses, never both.
            table.put(_item(run, now, taken_from=held.run), when=equals("run", held.run))
            held = holder(table, run.application)
            if held is None or held.run != run.id:
                continue
        _record(held, run, step, journal)
        return held
    raise Busy(f"the lock of {run.application} changed hands {_TRIES} times while it was being taken")


def release(table: Table, run: RunRef) -> bool:
    """Let the lock go. False when this run did not hold it, and then nothing changed."""
    return table.delete(_pk(run.application), _SK, when=equals("run", run.id))


def _record(held: Holder, run: RunRef, step: str, journal: Journal) -> None:
    if held.taken_from is None:
        event, detail = Event.LOCK_TAKEN, f"the lock of {run.application} was taken"
    else:
        event, detail = Event.LOCK_TAKEN_OVER, f"the lock of {run.application} was taken over from {held.taken_from}"
    facts = {"from": held.taken_from} if held.taken_from else {}
    journal.write_once(Entry(at=held.since, event=event, step=step, detail=detail, facts=facts), "lock")


def _refusal(run: RunRef, held: Holder) -> str:
    text = f"run {held.run} holds the lock of {run.application} since {held.since:%Y-%m-%d %H:%M:%S} UTC"
    if run.take_over is not None:
        text += f"; it is not {run.take_over}, from which this run was to take over"
    return f'{text}. When it has ended, start again with {{"take_over": "{held.run}"}} to go on in its place'


def _item(run: RunRef, now: datetime, taken_from: str | None) -> dict[str, str | None]:
    since = now.astimezone(UTC).isoformat()
    return {"pk": _pk(run.application), "sk": _SK, "run": run.id, "since": since, "taken_from": taken_from}


def _pk(application: str) -> str:
    return f"LOCK#{application}"
