"""The items that say who holds what: an application's lock, and a Region's guard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.errors import SurprisingAnswer
from leeward.common.table import Table, Value

LOCK = "LOCK"


@dataclass(frozen=True, slots=True)
class Holder:
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


def items(table: Table, application: str) -> dict[str, Holder]:
    """Every item of the application that this table holds or has been sent, by `sk`."""
    found = ((str(item["sk"]), of_item(item)) for item in table.query(pk_of(application)))
    return {sk: held for sk, held in found if held is not None}


def of_item(item: dict[str, Value] | None) -> Holder | None:
    """Who holds an item; None where there is none."""
    if item is None:
        return None

    def text(name: str) -> str | None:
        return str(item[name]) if name in item else None

    try:
        since = datetime.fromisoformat(str(item["since"]))
    except ValueError as error:
        raise SurprisingAnswer(f"the lock's item says since {item['since']!r}: {error}") from error
    return Holder(
        run=str(item["run"]),
        since=since,
        taken_from=text("taken_from"),
        home=text("home"),
        execution=text("execution"),
        locked=item.get("state") == "locked",
        waived=item.get("state") == "waived",
    )


def item_of(pk: str, sk: str, held: Holder, taken_from: str | None = None) -> dict[str, str | None]:
    """The item that says so, without a guard's state."""
    return {
        "pk": pk,
        "sk": sk,
        "run": held.run,
        "since": held.since.astimezone(UTC).isoformat(),
        "taken_from": taken_from,
        "home": held.home,
        "execution": held.execution,
    }


def guard_of(region: str) -> str:
    """The `sk` of a Region's guard."""
    return f"GUARD#{region}"


def pk_of(application: str) -> str:
    """The `pk` of all items of an application."""
    return f"LOCK#{application}"
