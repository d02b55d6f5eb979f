"""The lock's records in the state table: the items of an application's lock and of the Regions' guards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.aws.tables.state_table import ItemValue, StateTable
from leeward.common.errors import SurprisingAnswer

LOCK_KEY = "LOCK"


@dataclass(frozen=True, slots=True)
class LockHolder:
    """The run that holds the lock or a guard.

    `taken_from` is the run from which it was taken over, `home` the lock's home Region, and `execution` the ARN of the
    holder's execution. For a guard, `locked` is true if the run also holds the lock in its home Region, and `waived` is
    true if the run continues without it.
    """

    run: str
    since: datetime
    taken_from: str | None = None
    home: str | None = None
    execution: str | None = None
    locked: bool = False
    waived: bool = False


def read_holders(table: StateTable, application: str) -> dict[str, LockHolder]:
    """Return the holders of the application's lock and guards in this table, replicated items included, by `sk`."""
    holders = ((str(item["sk"]), holder_from_item(item)) for item in table.query(lock_partition_key(application)))
    return {sk: holder for sk, holder in holders if holder is not None}


def holder_from_item(item: dict[str, ItemValue] | None) -> LockHolder | None:
    """Convert an item to its holder. None if there is no item. Raises SurprisingAnswer for an invalid time."""
    if item is None:
        return None

    def text(name: str) -> str | None:
        return str(item[name]) if name in item else None

    try:
        since = datetime.fromisoformat(str(item["since"]))
    except ValueError as error:
        raise SurprisingAnswer(f"the lock's item has the invalid time {item['since']!r}: {error}") from error
    return LockHolder(
        run=str(item["run"]),
        since=since,
        taken_from=text("taken_from"),
        home=text("home"),
        execution=text("execution"),
        locked=item.get("state") == "locked",
        waived=item.get("state") == "waived",
    )


def item_from_holder(pk: str, sk: str, holder: LockHolder, taken_from: str | None = None) -> dict[str, str | None]:
    """Convert a holder to its item, without the state of a guard."""
    return {
        "pk": pk,
        "sk": sk,
        "run": holder.run,
        "since": holder.since.astimezone(UTC).isoformat(),
        "taken_from": taken_from,
        "home": holder.home,
        "execution": holder.execution,
    }


def guard_key(region: str) -> str:
    """Return the `sk` of a Region's guard."""
    return f"GUARD#{region}"


def lock_partition_key(application: str) -> str:
    """Return the `pk` of an application's lock and guards."""
    return f"LOCK#{application}"
