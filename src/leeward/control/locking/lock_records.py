"""The items that say who holds what: an application's lock, and a Region's guard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.aws.state_table import ItemValue, StateTable
from leeward.common.errors import SurprisingAnswer

LOCK_KEY = "LOCK"


@dataclass(frozen=True, slots=True)
class LockHolder:
    """The run that holds an item, since when, from which run it was taken over, and where that run is executed.

    Of a guard: `locked` once the lock at home is held too, `waived` where the run goes on without it.
    """

    run: str
    since: datetime
    taken_from: str | None = None
    home: str | None = None
    execution: str | None = None
    locked: bool = False
    waived: bool = False


def read_holders(table: StateTable, application: str) -> dict[str, LockHolder]:
    """Every item of the application that this table holds or has been sent, by `sk`."""
    found = ((str(item["sk"]), holder_from_item(item)) for item in table.query(lock_partition_key(application)))
    return {sk: held for sk, held in found if held is not None}


def holder_from_item(item: dict[str, ItemValue] | None) -> LockHolder | None:
    """Who holds an item; None where there is none."""
    if item is None:
        return None

    def text(name: str) -> str | None:
        return str(item[name]) if name in item else None

    try:
        since = datetime.fromisoformat(str(item["since"]))
    except ValueError as error:
        raise SurprisingAnswer(f"the lock's item says since {item['since']!r}: {error}") from error
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
    """The item that says so, without a guard's state."""
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
    """The `sk` of a Region's guard."""
    return f"GUARD#{region}"


def lock_partition_key(application: str) -> str:
    """The `pk` of all items of an application."""
    return f"LOCK#{application}"
