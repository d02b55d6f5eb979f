"""Writes to the state table in a transaction with checks of other items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.common.aws.change_guard import ChangeGuard, guard_changes
from leeward.common.aws.clients import client
from leeward.common.aws.tables.state_table import CheckedPut, ItemCheck, StateTable, absent_or_equals
from leeward.common.aws.tables.write_fence import RunFence, put_fenced
from leeward.common.errors import Busy, LockLost
from tests.support.task_world import TARGET, TaskWorld, open_task_world

ITEM = {"pk": "A", "sk": "1", "text": "new"}
OLD = {"pk": "A", "sk": "1", "text": "old"}
MINE, OTHERS = {"pk": "L", "sk": "LOCK", "run": "run-1"}, {"pk": "L", "sk": "LOCK", "run": "run-2"}
CHECK = ItemCheck("L", "LOCK", absent_or_equals("run", "run-1"))


@pytest.fixture
def world() -> Iterator[TaskWorld]:
    with open_task_world() as made:
        yield made


class CanceledTransactions:
    """A client whose transactions are canceled for these reasons."""

    def __init__(self, *reasons: dict[str, Any]) -> None:
        self._reasons = reasons

    def transact_write_items(self, **_: Any) -> None:
        error: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": "canceled"},
            "CancellationReasons": list(self._reasons),
        }
        raise ClientError(error, "TransactWriteItems")


def put(table: StateTable, *items: dict[str, str]) -> StateTable:
    for item in items:
        table.put(item)
    return table


@pytest.mark.parametrize("checked", [(), (MINE,)])
def test_item_is_written_if_checks_hold(world: TaskWorld, checked: tuple[dict[str, str], ...]) -> None:
    table = put(world.table, *checked)
    assert table.put_if_absent_and(ITEM, [CHECK]) == CheckedPut(existing=None, checks_hold=True)
    assert table.get("A", "1") == ITEM


def test_existing_item_is_returned(world: TaskWorld) -> None:
    table = put(world.table, OLD)
    assert table.put_if_absent_and(ITEM, [CHECK]) == CheckedPut(existing=dict(OLD), checks_hold=True)
    assert table.get("A", "1") == OLD


def test_failed_check_is_reported(world: TaskWorld) -> None:
    table = put(world.table, OTHERS)
    assert table.put_if_absent_and(ITEM, [CHECK]) == CheckedPut(existing=None, checks_hold=False)
    assert table.get("A", "1") is None


def test_existing_item_and_failed_check_are_both_reported(world: TaskWorld) -> None:
    table = put(world.table, OLD, OTHERS)
    assert table.put_if_absent_and(ITEM, [CHECK]) == CheckedPut(existing=dict(OLD), checks_hold=False)


def test_second_of_two_checks_is_reported(world: TaskWorld) -> None:
    table = put(world.table, OTHERS)
    first = ItemCheck("L", "ANOTHER", absent_or_equals("run", "run-1"))
    assert not table.put_if_absent_and(ITEM, [first, CHECK]).checks_hold


def test_transaction_conflict_is_busy() -> None:
    client: Any = CanceledTransactions({"Code": "None"}, {"Code": "TransactionConflict", "Message": "in progress"})
    with pytest.raises(Busy, match="TransactWriteItems: TransactionConflict: in progress"):
        StateTable(client, "leeward").put_if_absent_and(ITEM, [CHECK])


def test_conflict_prevails_over_failed_check() -> None:
    """The item may have changed since, so the check is made again by the next call."""
    client: Any = CanceledTransactions({"Code": "TransactionConflict"}, {"Code": "ConditionalCheckFailed"})
    with pytest.raises(Busy, match="no message"):
        StateTable(client, "leeward").put_if_absent_and(ITEM, [CHECK])


class Verification:
    """A fence's `verify`, and the guard's: how often each was called."""

    def __init__(self, error: Exception | None = None) -> None:
        self.count = 0
        self._error = error

    def __call__(self) -> None:
        self.count += 1
        if self._error is not None:
            raise self._error


def test_fenced_item_is_written_without_verification(world: TaskWorld) -> None:
    verify = Verification()
    table = put(world.table, MINE)
    assert put_fenced(table, ITEM, RunFence((CHECK,), verify)) is None
    assert put_fenced(table, {**ITEM, "text": "newer"}, RunFence((CHECK,), verify)) == ITEM
    assert verify.count == 0


def test_fence_writes_nothing_if_verification_fails(world: TaskWorld) -> None:
    table = put(world.table, OTHERS)
    with pytest.raises(LockLost):
        put_fenced(table, ITEM, RunFence((CHECK,), Verification(LockLost("run-2 holds the lock"))))
    assert table.get("A", "1") is None


def test_item_is_written_if_verification_accepts_failed_check(world: TaskWorld) -> None:
    verify = Verification()
    table = put(world.table, OTHERS)
    assert put_fenced(table, ITEM, RunFence((CHECK,), verify)) is None
    assert (table.get("A", "1"), verify.count) == (ITEM, 1)
    assert put_fenced(table, {**ITEM, "text": "newer"}, RunFence((CHECK,), verify)) == ITEM


@pytest.mark.parametrize("held", [(MINE,), (OTHERS,), ()])
def test_fenced_write_verifies_for_change_guard(world: TaskWorld, held: tuple[dict[str, str], ...]) -> None:
    """A change after the write needs no verification of its own, whichever way the write was allowed."""
    table, guarded = put(world.table, *held), Verification()
    with guard_changes(ChangeGuard(guarded, table.name)):
        put_fenced(table, ITEM, RunFence((CHECK,), Verification()))
        client("sns", TARGET).create_topic(Name="changed")
        assert guarded.count == 0
    with guard_changes(ChangeGuard(guarded, table.name)):
        client("sns", TARGET).create_topic(Name="changed")
        assert guarded.count == 1
