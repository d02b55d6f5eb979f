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

from leeward.common.aws.state_table import ITEM_ABSENT, StateTable, attribute_equals
from leeward.common.errors import AnswerLost, Busy, LockHeld, LockLost, LockUnknown, ServiceUnavailable
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_entries
from leeward.control.locking.lock_records import (
    LOCK_KEY,
    LockHolder,
    guard_key,
    holder_from_item,
    item_from_holder,
    lock_partition_key,
    read_holders,
)
from leeward.control.outcome.run_end_state import end_entry
from leeward.control.run.run_reference import RunRef

__all__ = [
    "AcquiredLock",
    "IsRunActive",
    "LockHolder",
    "LockTables",
    "acquire_lock",
    "current_holder",
    "release_lock",
    "require_lock",
]

# Between our failed put and our look the holder may let go; then we try again.
_TRIES = 3
# A Region that does not answer; a throttle or a refusal is an answer.
_NO_RESPONSE = (ServiceUnavailable, AnswerLost)

IsRunActive = Callable[[LockHolder], bool | None]


@dataclass(frozen=True, slots=True)
class LockTables:
    """The table of the run's own Region, and that of the lock's home; one and the same for a run that enters it."""

    own_table: StateTable
    home_table: StateTable
    home_region: str


@dataclass(frozen=True, slots=True)
class AcquiredLock:
    """The lock as it is held, in words too: `waived` where it is not held, on a person's word."""

    holder: LockHolder
    waived: bool = False


def current_holder(table: StateTable, application: str) -> LockHolder | None:
    """Who holds the application's lock now, by the table of its home."""
    return holder_from_item(table.get(lock_partition_key(application), LOCK_KEY))


def acquire_lock(
    tables: LockTables,
    run: RunRef,
    step: str,
    journal: Journal,
    *,
    now: datetime,
    execution: str | None = None,
    is_run_active: IsRunActive,
) -> AcquiredLock:
    """Take the lock of the run's application, or take it over where the run says so.

    `still_running(holder)` tells whether that run still acts, None where its Region does not answer: the lock of one
    that does is never taken. Raises LockHeld naming the holder and since when, LockUnknown when the home is silent.
    """
    mine = LockHolder(run.id, now, home=tables.home_region, execution=execution)
    if run.target == tables.home_region:
        _refuse_beside_waived_run(tables.own_table, run, is_run_active)
        held = _claim_item(tables.own_table, LOCK_KEY, run, mine, is_run_active)
        _journal_acquisition(held, run, step, journal)
        return AcquiredLock(held)
    guard = _claim_item(tables.own_table, guard_key(run.target), run, mine, is_run_active)
    try:
        held = _claim_item(tables.home_table, LOCK_KEY, run, mine, is_run_active)
    except _NO_RESPONSE as error:
        if run.waive_lock != tables.home_region:
            raise LockUnknown(_unknown_message(run, tables, error)) from error
        _mark_guard(tables.own_table, run, guard, waived=True)
        detail = f"goes on without the lock of {run.application}: {tables.home_region} does not answer ({error})"
        entry = JournalEntry(guard.since, JournalEvent.LOCK_WAIVED, detail, step, facts={"home": tables.home_region})
        journal.write_once(entry, "lock")
        return AcquiredLock(guard, waived=True)
    _mark_guard(tables.own_table, run, guard, waived=False)
    _journal_acquisition(held, run, step, journal)
    return AcquiredLock(held)


def require_lock(own_table: StateTable, run: RunRef) -> None:
    """Raises LockLost when another run holds the lock, as far as the run's own Region knows.

    The run was taken over from, or someone redrove it after its end, or skipped the step that takes the lock. Reads the
    own table alone: what happened in the other Region is known once it is replicated.
    """
    found = read_holders(own_table, run.application)
    lock, guard = found.get(LOCK_KEY), found.get(guard_key(run.target))
    if lock is not None and lock.home in (run.target, None):
        if lock.run != run.id:
            raise LockLost(
                f"run {lock.run} holds the lock of {run.application} since {_since_text(lock)}: this run stops"
            )
        return
    if guard is None:
        return
    if guard.run != run.id:
        raise LockLost(f"run {guard.run} enters {run.target} since {_since_text(guard)} in this run's place: it stops")
    if not guard.locked and not guard.waived:
        raise LockLost(f"this run does not hold the lock of {run.application}, which is kept in {guard.home}")
    if lock is not None and lock.run != run.id and lock.since > guard.since:
        raise LockLost(f"run {lock.run} took the lock of {run.application} at {_since_text(lock)}: this run stops")


def release_lock(own_table: StateTable, run: RunRef, table_in: Callable[[str], StateTable]) -> list[str]:
    """Let go of all that the run holds; what was let go or could not be, in words. Empty where it held nothing.

    `at(region)` is another Region's table. A home that does not answer keeps an item that holds nobody back, because
    the run's end is in its journal.
    """
    found = read_holders(own_table, run.application)
    lock, guard = found.get(LOCK_KEY), found.get(guard_key(run.target))
    told: list[str] = []
    if guard is not None and guard.run == run.id:
        if guard.home is not None and not guard.waived:
            told += _release_item(table_in(guard.home), run, LOCK_KEY, f"the lock of {run.application} in {guard.home}")
        told += _release_item(own_table, run, guard_key(run.target), f"the guard of {run.target}")
    elif lock is not None and lock.run == run.id and lock.home in (run.target, None):
        told += _release_item(own_table, run, LOCK_KEY, f"the lock of {run.application}")
    return told


def _release_item(table: StateTable, run: RunRef, sk: str, description: str) -> list[str]:
    try:
        return (
            [f"{description} was released"]
            if table.delete(lock_partition_key(run.application), sk, condition=attribute_equals("run", run.id))
            else []
        )
    except _NO_RESPONSE as error:
        return [f"{description} could not be released ({error}); this run's end makes it free all the same"]


def _claim_item(table: StateTable, sk: str, run: RunRef, mine: LockHolder, is_run_active: IsRunActive) -> LockHolder:
    pk = lock_partition_key(run.application)
    for _ in range(_TRIES):
        table.put(item_from_holder(pk, sk, mine), condition=ITEM_ABSENT)
        held = holder_from_item(table.get(pk, sk))
        if held is None:
            continue
        if held.run != run.id:
            over = _has_released(table, held.run)
            if not over:
                _require_takeover_allowed(run, held, is_run_active)
            # The condition names the holder: whoever else takes over from it meanwhile wins or loses, never both.
            table.put(
                item_from_holder(pk, sk, mine, None if over else held.run), condition=attribute_equals("run", held.run)
            )
            held = holder_from_item(table.get(pk, sk))
            if held is None or held.run != run.id:
                continue
        return held
    raise Busy(f"the lock of {run.application} changed hands {_TRIES} times while it was being taken")


def _require_takeover_allowed(run: RunRef, holder: LockHolder, is_run_active: IsRunActive) -> None:
    if holder.run != run.take_over:
        raise LockHeld(_held_message(run, holder))
    if is_run_active(holder):
        raise LockHeld(f"run {holder.run} still runs and holds the lock: stop it before you take over from it")


def _has_released(table: StateTable, run_id: str) -> bool:
    """The run's journal, as far as this table has it, says that it ended and kept nothing."""
    ended = end_entry(read_entries(table, run_id))
    return ended is not None and not ended.facts.get("keep_lock")


def _refuse_beside_waived_run(own_table: StateTable, run: RunRef, is_run_active: IsRunActive) -> None:
    """A run that entered the other Region while this one was dark goes on without the lock: it counts as its holder."""
    waived = read_holders(own_table, run.application).get(guard_key(run.origin))
    if waived is not None and waived.waived and not _has_released(own_table, waived.run):
        _require_takeover_allowed(run, waived, is_run_active)


def _mark_guard(own_table: StateTable, run: RunRef, guard: LockHolder, *, waived: bool) -> None:
    """Say on the guard what is held at home."""
    item = item_from_holder(lock_partition_key(run.application), guard_key(run.target), guard, guard.taken_from)
    if not own_table.put(
        {**item, "state": "waived" if waived else "locked"}, condition=attribute_equals("run", run.id)
    ):
        raise LockLost(f"the guard of {run.target} was taken over while this run took the lock")


def _journal_acquisition(holder: LockHolder, run: RunRef, step: str, journal: Journal) -> None:
    if holder.taken_from is None:
        event, detail = JournalEvent.LOCK_TAKEN, f"the lock of {run.application} was taken"
    else:
        event, detail = (
            JournalEvent.LOCK_TAKEN_OVER,
            f"the lock of {run.application} was taken over from {holder.taken_from}",
        )
    facts = {"from": holder.taken_from} if holder.taken_from else {}
    journal.write_once(JournalEntry(at=holder.since, event=event, step=step, detail=detail, facts=facts), "lock")


def _held_message(run: RunRef, holder: LockHolder) -> str:
    text = f"run {holder.run} holds the lock of {run.application} since {_since_text(holder)}"
    if run.take_over is not None:
        text += f"; it is not {run.take_over}, from which this run was to take over"
    return f'{text}. When it has ended, start again with {{"take_over": "{holder.run}"}} to go on in its place'


def _unknown_message(run: RunRef, tables: LockTables, error: Exception) -> str:
    return (
        f"{tables.home_region} keeps the lock of {run.application} and does not answer, so nobody knows whether a run "
        f"holds it ({error}). Where that Region is surely dark, start again with "
        f'{{"waive_lock": "{tables.home_region}"}}: that goes on without the lock, and is recorded'
    )


def _since_text(holder: LockHolder) -> str:
    return f"{holder.since:%Y-%m-%d %H:%M:%S} UTC"
