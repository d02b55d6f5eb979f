"""The fence of a run's writes: it lets an item through exactly when the run may go on without the fence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest

from leeward.common.aws.tables.state_table import StateTable
from leeward.common.aws.tables.write_fence import put_fenced
from leeward.common.errors import LockLost
from leeward.control.locking.application_lock import lock_fence, require_lock
from leeward.control.locking.lock_records import LOCK_KEY, LockHolder, guard_key, item_from_holder, lock_partition_key
from leeward.control.run.run_reference import RunRef
from tests.support.nonempty import nonempty
from tests.support.task_world import ORIGIN, START, TARGET, TaskWorld, run_reference

RUN = RunRef.model_validate(run_reference("run-1"))
OTHER = run_reference("run-2")["id"]
PK, ITEM = lock_partition_key(RUN.application), {"pk": "RUN#x", "sk": "E#1", "text": "step.started"}
BEFORE, GUARDED, AFTER = (START + timedelta(minutes=minutes) for minutes in (1, 2, 3))

Held = dict[str, str | None] | None


def lock(run: str, home: str | None, *, later: bool = False) -> Held:
    """Return the lock's item. It is later or earlier than the guard."""
    return item_from_holder(PK, LOCK_KEY, LockHolder(run, AFTER if later else BEFORE, home=home))


def guard(run: str, state: str | None) -> Held:
    """Return the item of the guard of the run's Region."""
    holder = LockHolder(run, GUARDED, home=ORIGIN)
    return item_from_holder(PK, guard_key(RUN.target), holder) | {"state": state}


def hold(table: StateTable, *held: Held) -> None:
    """Make these the only items of the lock and the guard."""
    for key in (LOCK_KEY, guard_key(RUN.target)):
        table._client.delete_item(TableName=table.name, Key={"pk": {"S": PK}, "sk": {"S": key}})
    for item in held:
        if item is not None:
            table.put(item)


def may_go_on(table: StateTable) -> bool:
    try:
        require_lock(table, RUN)
    except LockLost:
        return False
    return True


def is_let_through(table: StateTable) -> bool:
    """Return whether the fence lets an item through. The item must be there, or not, accordingly."""
    table._client.delete_item(TableName=table.name, Key={"pk": {"S": ITEM["pk"]}, "sk": {"S": ITEM["sk"]}})
    try:
        put_fenced(table, ITEM, lock_fence(table, RUN))
    except LockLost:
        assert table.get(ITEM["pk"], ITEM["sk"]) is None
        return False
    assert table.get(ITEM["pk"], ITEM["sk"]) == ITEM
    return True


@pytest.mark.parametrize(
    ("lock_item", "guard_item", "allowed"),
    [
        pytest.param(None, None, True, id="nothing-is-held"),
        pytest.param(lock(RUN.id, TARGET), None, True, id="own-lock"),
        pytest.param(lock(RUN.id, None), None, True, id="own-lock-of-version-0.1"),
        pytest.param(lock(OTHER, TARGET), None, False, id="lock-of-another-run"),
        pytest.param(None, guard(RUN.id, "locked"), True, id="own-guard-with-lock"),
        pytest.param(lock(RUN.id, ORIGIN), guard(RUN.id, "locked"), True, id="replicated-lock"),
        pytest.param(None, guard(RUN.id, "waived"), True, id="waived-lock"),
        pytest.param(None, guard(RUN.id, None), False, id="guard-without-lock"),
        pytest.param(None, guard(OTHER, "locked"), False, id="guard-of-another-run"),
        pytest.param(lock(OTHER, ORIGIN), guard(RUN.id, "locked"), True, id="replicated-lock-of-earlier-holder"),
        pytest.param(lock(OTHER, ORIGIN), guard(RUN.id, "waived"), True, id="waived-lock-of-earlier-holder"),
        pytest.param(lock(OTHER, ORIGIN, later=True), guard(RUN.id, "locked"), False, id="taken-over-in-home-region"),
    ],
)
def test_fence_lets_through_while_no_other_run_holds_lock(
    world: TaskWorld, lock_item: Held, guard_item: Held, *, allowed: bool
) -> None:
    hold(world.table, lock_item, guard_item)
    assert may_go_on(world.table) == allowed
    assert is_let_through(world.table) == allowed


def every_holding() -> Iterator[tuple[Held, Held]]:
    runs = (RUN.id, OTHER)
    locks = [lock(run, home, later=later) for run, home, later in product(runs, (ORIGIN, TARGET, None), (False, True))]
    guards = [guard(run, state) for run, state in product(runs, (None, "locked", "waived"))]
    yield from product([None, *locks], [None, *guards])


def test_fence_agrees_with_require_lock_in_every_state(world: TaskWorld) -> None:
    outcomes = set()
    for lock_item, guard_item in nonempty(every_holding()):
        hold(world.table, lock_item, guard_item)
        expected = may_go_on(world.table)
        assert is_let_through(world.table) == expected, (lock_item, guard_item)
        outcomes.add(expected)
    assert outcomes == {True, False}
