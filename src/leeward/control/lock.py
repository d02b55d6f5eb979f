"""One run at a time per application, whichever Region it runs in.

The lock is one item in the table of one Region, its *home*: the application's standby Region. A run that enters the
standby takes it where it runs, so a failover calls no other Region for it. A run that enters the primary works in the
standby too and takes it there; before that it takes its own Region's *guard*, which keeps such runs apart and says what
they hold. Each item is only ever written through its own Region's table, where a condition on a write means something:
a global table replicates later, and its last writer wins.

Nothing here expires. A run whose journal says that it ended and let go holds nothing, even where its item is still
there; every other holder is taken over from by name (`take_over`). Where the home does not answer, nobody knows who
holds the lock: the run stops, unless who started it says that the Region is dark (`waive_lock`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from leeward.common.errors import AnswerLost, Busy, LockHeld, LockLost, LockUnknown, ServiceUnavailable
from leeward.common.table import NEW, Table, equals
from leeward.control.ends import end_of
from leeward.control.journal import Entry, Event, Journal, read
from leeward.control.lock_items import LOCK, Holder, guard_of, item_of, items, of_item, pk_of
from leeward.control.run import RunRef

__all__ = ["Holder", "Places", "StillRunning", "Taken", "check", "holder", "release", "take"]

# Between our failed put and our look the holder may let go; then we try again.
_TRIES = 3
# A Region that does not answer; a throttle or a refusal is an answer.
_SILENT = (ServiceUnavailable, AnswerLost)

StillRunning = Callable[[Holder], bool | None]


@dataclass(frozen=True, slots=True)
class Places:
    """The table of the run's own Region, and that of the lock's home; one and the same for a run that enters it."""

    own: Table
    home: Table
    home_region: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The lock as it is held, in words too: `waived` where it is not held, on a person's word."""

    holder: Holder
    waived: bool = False


def holder(table: Table, application: str) -> Holder | None:
    """Who holds the application's lock now, by the table of its home."""
    return of_item(table.get(pk_of(application), LOCK))


def take(
    places: Places,
    run: RunRef,
    step: str,
    journal: Journal,
    *,
    now: datetime,
    execution: str | None = None,
    still_running: StillRunning,
) -> Taken:
    """Take the lock of the run's application, or take it over where the run says so.

    `still_running(holder)` tells whether that run still acts, None where its Region does not answer: the lock of one
    that does is never taken. Raises LockHeld naming the holder and since when, LockUnknown when the home is silent.
    """
    mine = Holder(run.id, now, home=places.home_region, execution=execution)
    if run.target == places.home_region:
        _refuse_beside_a_waiver(places.own, run, still_running)
        held = _claim(places.own, LOCK, run, mine, still_running)
        _record(held, run, step, journal)
        return Taken(held)
    guard = _claim(places.own, guard_of(run.target), run, mine, still_running)
    try:
        held = _claim(places.home, LOCK, run, mine, still_running)
    except _SILENT as error:
        if run.waive_lock != places.home_region:
            raise LockUnknown(_unknown(run, places, error)) from error
        _mark(places.own, run, guard, waived=True)
        detail = f"goes on without the lock of {run.application}: {places.home_region} does not answer ({error})"
        entry = Entry(guard.since, Event.LOCK_WAIVED, detail, step, facts={"home": places.home_region})
        journal.write_once(entry, "lock")
        return Taken(guard, waived=True)
    _mark(places.own, run, guard, waived=False)
    _record(held, run, step, journal)
    return Taken(held)


def check(own: Table, run: RunRef) -> None:
    """Raises LockLost when another run holds the lock, as far as the run's own Region knows.

    The run was taken over from, or someone redrove it after its end, or skipped the step that takes the lock. Reads the
    own table alone: what happened in the other Region is known once it is replicated.
    """
    found = items(own, run.application)
    lock, guard = found.get(LOCK), found.get(guard_of(run.target))
    if lock is not None and lock.home in (run.target, None):
        if lock.run != run.id:
            raise LockLost(f"run {lock.run} holds the lock of {run.application} since {_when(lock)}: this run stops")
        return
    if guard is None:
        return
    if guard.run != run.id:
        raise LockLost(f"run {guard.run} enters {run.target} since {_when(guard)} in this run's place: it stops")
    if not guard.locked and not guard.waived:
        raise LockLost(f"this run does not hold the lock of {run.application}, which is kept in {guard.home}")
    if lock is not None and lock.run != run.id and lock.since > guard.since:
        raise LockLost(f"run {lock.run} took the lock of {run.application} at {_when(lock)}: this run stops")


def release(own: Table, run: RunRef, at: Callable[[str], Table]) -> list[str]:
    """Let go of all that the run holds; what was let go or could not be, in words. Empty where it held nothing.

    `at(region)` is another Region's table. A home that does not answer keeps an item that holds nobody back, because
    the run's end is in its journal.
    """
    found = items(own, run.application)
    lock, guard = found.get(LOCK), found.get(guard_of(run.target))
    told: list[str] = []
    if guard is not None and guard.run == run.id:
        if guard.home is not None and not guard.waived:
            told += _let_go(at(guard.home), run, LOCK, f"the lock of {run.application} in {guard.home}")
        told += _let_go(own, run, guard_of(run.target), f"the guard of {run.target}")
    elif lock is not None and lock.run == run.id and lock.home in (run.target, None):
        told += _let_go(own, run, LOCK, f"the lock of {run.application}")
    return told


def _let_go(table: Table, run: RunRef, sk: str, what: str) -> list[str]:
    try:
        return [f"{what} was released"] if table.delete(pk_of(run.application), sk, when=equals("run", run.id)) else []
    except _SILENT as error:
        return [f"{what} could not be released ({error}); this run's end makes it free all the same"]


def _claim(table: Table, sk: str, run: RunRef, mine: Holder, still_running: StillRunning) -> Holder:
    pk = pk_of(run.application)
    for _ in range(_TRIES):
        table.put(item_of(pk, sk, mine), when=NEW)
        held = of_item(table.get(pk, sk))
        if held is None:
            continue
        if held.run != run.id:
            over = _has_let_go(table, held.run)
            if not over:
                _may_take_over(run, held, still_running)
            # The condition names the holder: whoever else takes over from it meanwhile wins or loses, never both.
            table.put(item_of(pk, sk, mine, None if over else held.run), when=equals("run", held.run))
            held = of_item(table.get(pk, sk))
            if held is None or held.run != run.id:
                continue
        return held
    raise Busy(f"the lock of {run.application} changed hands {_TRIES} times while it was being taken")


def _may_take_over(run: RunRef, held: Holder, still_running: StillRunning) -> None:
    if held.run != run.take_over:
        raise LockHeld(_refusal(run, held))
    if still_running(held):
        raise LockHeld(f"run {held.run} still runs and holds the lock: stop it before you take over from it")


def _has_let_go(table: Table, run_id: str) -> bool:
    """The run's journal, as far as this table has it, says that it ended and kept nothing."""
    ended = end_of(read(table, run_id))
    return ended is not None and not ended.facts.get("keep_lock")


def _refuse_beside_a_waiver(own: Table, run: RunRef, still_running: StillRunning) -> None:
    """A run that entered the other Region while this one was dark goes on without the lock: it counts as its holder."""
    waived = items(own, run.application).get(guard_of(run.origin))
    if waived is not None and waived.waived and not _has_let_go(own, waived.run):
        _may_take_over(run, waived, still_running)


def _mark(own: Table, run: RunRef, guard: Holder, *, waived: bool) -> None:
    """Say on the guard what is held at home."""
    item = item_of(pk_of(run.application), guard_of(run.target), guard, guard.taken_from)
    if not own.put({**item, "state": "waived" if waived else "locked"}, when=equals("run", run.id)):
        raise LockLost(f"the guard of {run.target} was taken over while this run took the lock")


def _record(held: Holder, run: RunRef, step: str, journal: Journal) -> None:
    if held.taken_from is None:
        event, detail = Event.LOCK_TAKEN, f"the lock of {run.application} was taken"
    else:
        event, detail = Event.LOCK_TAKEN_OVER, f"the lock of {run.application} was taken over from {held.taken_from}"
    facts = {"from": held.taken_from} if held.taken_from else {}
    journal.write_once(Entry(at=held.since, event=event, step=step, detail=detail, facts=facts), "lock")


def _refusal(run: RunRef, held: Holder) -> str:
    text = f"run {held.run} holds the lock of {run.application} since {_when(held)}"
    if run.take_over is not None:
        text += f"; it is not {run.take_over}, from which this run was to take over"
    return f'{text}. When it has ended, start again with {{"take_over": "{held.run}"}} to go on in its place'


def _unknown(run: RunRef, places: Places, error: Exception) -> str:
    return (
        f"{places.home_region} keeps the lock of {run.application} and does not answer, so nobody knows whether a run "
        f"holds it ({error}). Where that Region is surely dark, start again with "
        f'{{"waive_lock": "{places.home_region}"}}: that goes on without the lock, and is recorded'
    )


def _when(held: Holder) -> str:
    return f"{held.since:%Y-%m-%d %H:%M:%S} UTC"
