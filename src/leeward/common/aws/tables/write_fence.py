"""A fence of writes: what must hold when an item is written, checked in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leeward.common.aws.change_guard import note_verified
from leeward.common.aws.tables.state_table import Item, ItemCheck, ItemValue, StateTable


@dataclass(frozen=True, slots=True)
class RunFence:
    """What must hold for a fenced item to be written, in the same transaction.

    If a check fails, `verify` decides. It reads what the checks compare, and raises LockLost unless the run may go on.
    """

    checks: Sequence[ItemCheck]
    verify: Callable[[], None]


def put_fenced(table: StateTable, item: Item, fence: RunFence) -> dict[str, ItemValue] | None:
    """Write the whole item while the fence holds, unless one exists. Return None, or the existing item.

    Raises the error of `fence.verify`.
    """
    outcome = table.put_if_absent_and(item, fence.checks)
    if not outcome.checks_hold:
        fence.verify()
        existing = outcome.existing or table.put_if_absent(item)
    else:
        existing = outcome.existing
    note_verified()
    return existing
