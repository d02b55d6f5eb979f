"""The propagation of Route 53 record changes. In moto, every change is in sync at once.

"Changes generally propagate to all Route 53 name servers within 60 seconds", and only GetChange says when they have
(Route 53 Developer Guide, "Editing records"). Until then, a name server can still return the old records. The twin
returns them to everyone until the change is INSYNC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import FakeZone, RecordSet, route53_backends
from moto.route53.responses import Route53

from leeward.twin.patching.attribute_replacement import replace_attribute
from leeward.twin.realism.realism_settings import SeededDraws

# The guide names the longest usual time. The shortest is assumed.
SHORTEST_PROPAGATION, LONGEST_PROPAGATION = timedelta(seconds=10), timedelta(seconds=60)
_PREFIX, _CHANGES = "/change/", "twin_changes"
# The IDs that moto returns for changes that aren't changes of records, such as a new zone. They are in sync at once.
_OTHER_CHANGES = frozenset({"C1PA6795UKMFR9", "C2682N5HXP0BZ4", "a1b2c3d4"})
# None: every change is in sync at once.
_draws: SeededDraws | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """A change batch of one zone. `replaced` are the records before it. The times have no time zone, as in moto."""

    id: str
    submitted_at: datetime
    in_sync_at: datetime
    replaced: tuple[RecordSet, ...]

    @property
    def info(self) -> dict[str, Any]:
        """Return the change as ChangeInfo."""
        status = "PENDING" if utcnow() < self.in_sync_at else "INSYNC"
        return {"Id": self.id, "Status": status, "SubmittedAt": self.submitted_at}


class _NoSuchChange(Route53ClientError):  # type: ignore[misc]  # moto is untyped
    """GetChange's error for an unknown ID. moto has no such error."""

    def __init__(self, change_id: str) -> None:
        super().__init__("NoSuchChange", f"Could not find resource with ID: {change_id}")


def set_draws(draws: SeededDraws | None) -> None:
    """Set the random numbers for the time until a change is in sync. With None, a change is in sync at once."""
    global _draws  # noqa: PLW0603 - moto's zones have no reference to a simulation
    _draws = draws


def propagate_record_changes() -> None:
    """Give each change batch its own ID and the status PENDING at first. In moto, all have one ID and are INSYNC.

    GetChange fails with NoSuchChange for an ID that no call returned. In moto, it returns INSYNC for any ID.
    """

    def change_resource_record_sets(self: Any) -> Any:
        zone = self.backend.get_hosted_zone(self._get_param("HostedZoneId"))
        replaced = tuple(zone.rrsets)
        result = submit(self)
        result.result["ChangeInfo"] = _add_change(zone, replaced).info
        return result

    def get_change(self: Any) -> Any:
        change_id = _PREFIX + self._get_param("Id").removeprefix(_PREFIX)
        for change in _all_changes(self.backend.zones.values()):
            if change.id == change_id:
                result = get(self)
                result.result["ChangeInfo"] = change.info
                return result
        if change_id.removeprefix(_PREFIX) not in _OTHER_CHANGES:
            raise _NoSuchChange(change_id.removeprefix(_PREFIX))
        result = get(self)
        result.result["ChangeInfo"]["Id"] = change_id
        return result

    submit = replace_attribute(Route53, "change_resource_record_sets", change_resource_record_sets)
    get = replace_attribute(Route53, "get_change", get_change)


def records_in_effect(zone: FakeZone) -> list[RecordSet]:
    """Return the records that name servers return now: those before the first change that isn't in sync."""
    now = utcnow()
    for change in _changes(zone):
        if now < change.in_sync_at:
            return list(change.replaced)
    return list(zone.rrsets)


def complete_changes(account_id: str) -> None:
    """Let all changes of an account be in sync now, so that its records are in effect."""
    now = utcnow()
    for zone in route53_backends[account_id]["aws"].zones.values():
        changes = _changes(zone)
        changes[:] = [replace(change, in_sync_at=min(change.in_sync_at, now)) for change in changes]


def _add_change(zone: FakeZone, replaced: tuple[RecordSet, ...]) -> _Change:
    changes, now = _changes(zone), utcnow()
    in_sync_at = now
    if _draws is not None:
        shortest, longest = SHORTEST_PROPAGATION.total_seconds(), LONGEST_PROPAGATION.total_seconds()
        in_sync_at += timedelta(seconds=_draws.uniform(zone.name, shortest, longest))
    # Assumed: the changes of a zone take effect in their order.
    in_sync_at = max(in_sync_at, *(change.in_sync_at for change in changes)) if changes else in_sync_at
    # Not drawn from moto's random numbers, so that a change doesn't alter the IDs of later resources.
    digest = hashlib.sha256(f"{zone.resource_id} {len(zone.rr_changes)} {now}".encode()).hexdigest()
    change = _Change(f"{_PREFIX}C{digest[:19].upper()}", now, in_sync_at, replaced)
    changes.append(change)
    return change


def _changes(zone: FakeZone) -> list[_Change]:
    """Return the changes of a zone in the order of their submission."""
    found: list[_Change] = vars(zone).setdefault(_CHANGES, [])
    return found


def _all_changes(zones: Any) -> Iterator[_Change]:
    for zone in zones:
        yield from _changes(zone)
