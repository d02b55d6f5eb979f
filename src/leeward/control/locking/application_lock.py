"""The application lock: at most one run at a time for each application, in whichever Region it runs.

The lock is one item in the table of one Region, its *home*, which is the application's standby Region. A run whose
target is the standby acquires the lock in its own Region, so a failover calls no other Region for the lock. A run whose
target is the primary acquires the lock in the standby. Before that, it acquires the *guard* of its own Region. The
guard prevents two such runs and records what the run holds. Each item is written only through its own Region's table,
because a conditional write is reliable only there: a global table replicates later, and the last writer wins.

The lock does not expire. A run whose journal says that it ended and released the lock holds nothing, even if its item
still exists. From every other holder, the lock must be taken over by name (`take_over`). If the home Region doesn't
respond, the holder is unknown, so the run stops unless its input says that the Region is unavailable (`waive_lock`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from leeward.common.aws.tables.state_table import (
    ItemCheck,
    StateTable,
    WriteCondition,
    absent_or_equals,
    attribute_equals,
)
from leeward.common.aws.tables.write_fence import RunFence
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
    "lock_fence",
    "release_lock",
    "require_lock",
]

# The holder may release the lock between our failed write and our read, so we try again.
_TRIES = 3
# A guard without a state belongs to a run that doesn't hold the lock in its home Region yet.
_HELD_GUARD = WriteCondition("attribute_not_exists(#pk) OR attribute_exists(#state)", {"#pk": "pk", "#state": "state"})
# The Region did not respond. Throttling or a refusal counts as a response.
_NO_RESPONSE = (ServiceUnavailable, AnswerLost)

IsRunActive = Callable[[LockHolder], bool | None]


@dataclass(frozen=True, slots=True)
class LockTables:
    """The state tables of the run's own Region and of the lock's home Region. They may be the same table."""

    own_table: StateTable
    home_table: StateTable
    home_region: str


@dataclass(frozen=True, slots=True)
class AcquiredLock:
    """The acquired lock. If `waived`, the run holds only its guard, because its input waives the lock."""

    holder: LockHolder
    waived: bool = False


def current_holder(table: StateTable, application: str) -> LockHolder | None:
    """Return the current lock holder, or None. `table` must be that of the lock's home Region."""
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
    """Acquire the lock of the run's application, or take it over if the run's input says so.

    `is_run_active(holder)` returns whether that run is still active, or None if its Region doesn't respond. The lock of
    an active run is never taken over. Raises LockHeld with the holder and the time since when it holds the lock, and
    LockUnknown when the home Region doesn't respond.
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
        detail = f"continues without the lock of {run.application}: {tables.home_region} does not respond ({error})"
        entry = JournalEntry(guard.since, JournalEvent.LOCK_WAIVED, detail, step, facts={"home": tables.home_region})
        journal.write_once(entry, "lock")
        return AcquiredLock(guard, waived=True)
    _mark_guard(tables.own_table, run, guard, waived=False)
    _journal_acquisition(held, run, step, journal)
    return AcquiredLock(held)


def require_lock(own_table: StateTable, run: RunRef) -> None:
    """Raise LockLost when another run holds the lock, according to the table of the run's own Region.

    This happens when another run took over the lock, or when the run was redriven after its end or its lock step was
    skipped. Only the own table is read, so a change in the other Region is visible after replication.
    """
    holders = read_holders(own_table, run.application)
    lock, guard = holders.get(LOCK_KEY), holders.get(guard_key(run.target))
    if lock is not None and lock.home in (run.target, None):
        if lock.run != run.id:
            raise LockLost(
                f"run {lock.run} has held the lock of {run.application} since {_since_text(lock)}. This run stops"
            )
        return
    if guard is None:
        return
    if guard.run != run.id:
        raise LockLost(f"run {guard.run} has held the guard of {run.target} since {_since_text(guard)}. This run stops")
    if not guard.locked and not guard.waived:
        raise LockLost(f"this run does not hold the lock of {run.application} in {guard.home}")
    if lock is not None and lock.run != run.id and lock.since > guard.since:
        raise LockLost(f"run {lock.run} acquired the lock of {run.application} at {_since_text(lock)}. This run stops")


def lock_fence(own_table: StateTable, run: RunRef) -> RunFence:
    """Return the fence of the run's writes: no other run holds the lock, according to the run's own table.

    Its checks are part of the write. They fail too while a replicated item of an earlier holder is still in the table,
    so `require_lock` decides then.
    """
    pk, mine = lock_partition_key(run.application), absent_or_equals("run", run.id)
    checks = (ItemCheck(pk, LOCK_KEY, mine), ItemCheck(pk, guard_key(run.target), _HELD_GUARD & mine))
    return RunFence(checks, partial(require_lock, own_table, run))


def release_lock(own_table: StateTable, run: RunRef, table_in: Callable[[str], StateTable]) -> list[str]:
    """Release everything that the run holds. Return one line for each item, released or not; empty if it held nothing.

    `table_in(region)` returns another Region's table. If the home Region doesn't respond, the lock's item remains. It
    blocks no other run, because the journal records that this run ended.
    """
    holders = read_holders(own_table, run.application)
    lock, guard = holders.get(LOCK_KEY), holders.get(guard_key(run.target))
    lines: list[str] = []
    if guard is not None and guard.run == run.id:
        if guard.home is not None and not guard.waived:
            lines += _release_item(
                table_in(guard.home), run, LOCK_KEY, f"the lock of {run.application} in {guard.home}"
            )
        lines += _release_item(own_table, run, guard_key(run.target), f"the guard of {run.target}")
    elif lock is not None and lock.run == run.id and lock.home in (run.target, None):
        lines += _release_item(own_table, run, LOCK_KEY, f"the lock of {run.application}")
    return lines


def _release_item(table: StateTable, run: RunRef, sk: str, description: str) -> list[str]:
    try:
        return (
            [f"{description} was released"]
            if table.delete(lock_partition_key(run.application), sk, condition=attribute_equals("run", run.id))
            else []
        )
    except _NO_RESPONSE as error:
        return [
            f"{description} could not be released ({error}), but it blocks no other run, because this run has ended"
        ]


def _claim_item(table: StateTable, sk: str, run: RunRef, mine: LockHolder, is_run_active: IsRunActive) -> LockHolder:
    pk = lock_partition_key(run.application)
    for _ in range(_TRIES):
        held = holder_from_item(table.put_if_absent(item_from_holder(pk, sk, mine))) or mine
        if held.run != run.id:
            is_released = _has_released(table, held.run)
            if not is_released:
                _require_takeover_allowed(run, held, is_run_active)
            # The condition names the holder, so of two runs that take over at the same time, only one succeeds.
            taken_from = None if is_released else held.run
            table.put(item_from_holder(pk, sk, mine, taken_from), condition=attribute_equals("run", held.run))
            current = holder_from_item(table.get(pk, sk))
            if current is None or current.run != run.id:
                continue
            held = current
        return held
    raise Busy(
        f"the lock of {run.application} could not be acquired: its holder changed {_TRIES} times in the meantime"
    )


def _require_takeover_allowed(run: RunRef, holder: LockHolder, is_run_active: IsRunActive) -> None:
    if holder.run != run.take_over:
        raise LockHeld(_held_message(run, holder))
    if is_run_active(holder):
        raise LockHeld(f"run {holder.run} is still running and holds the lock. Stop it before you take over its lock")


def _has_released(table: StateTable, run_id: str) -> bool:
    """Return whether the run's journal, as replicated to this table, says that it ended without keeping the lock."""
    end = end_entry(read_entries(table, run_id))
    return end is not None and not end.facts.get("keep_lock")


def _refuse_beside_waived_run(own_table: StateTable, run: RunRef, is_run_active: IsRunActive) -> None:
    """Raise LockHeld if a run whose target is the other Region continues without the lock; it counts as the holder."""
    waived = read_holders(own_table, run.application).get(guard_key(run.origin))
    if waived is not None and waived.waived and not _has_released(own_table, waived.run):
        _require_takeover_allowed(run, waived, is_run_active)


def _mark_guard(own_table: StateTable, run: RunRef, guard: LockHolder, *, waived: bool) -> None:
    """Record on the guard whether the run holds the lock in its home Region or waived it."""
    item = item_from_holder(lock_partition_key(run.application), guard_key(run.target), guard, guard.taken_from)
    if not own_table.put(
        {**item, "state": "waived" if waived else "locked"}, condition=attribute_equals("run", run.id)
    ):
        raise LockLost(f"the guard of {run.target} was taken over while this run acquired the lock")


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
    text = f"run {holder.run} has held the lock of {run.application} since {_since_text(holder)}"
    if run.take_over is not None:
        text += f"; this run may take over only from {run.take_over}"
    return f'{text}. When it has ended, start again with {{"take_over": "{holder.run}"}} to continue in its place'


def _unknown_message(run: RunRef, tables: LockTables, error: Exception) -> str:
    return (
        f"{tables.home_region} stores the lock of {run.application} and does not respond, so it is unknown whether a "
        f"run holds the lock ({error}). If you are sure that the Region is unavailable, start again with "
        f'{{"waive_lock": "{tables.home_region}"}} to continue without the lock. This is recorded'
    )


def _since_text(holder: LockHolder) -> str:
    return f"{holder.since:%Y-%m-%d %H:%M:%S} UTC"
