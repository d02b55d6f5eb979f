"""A function on the table's stream in each Region: finds writes that a write of the other Region has replaced.

Between Regions the last writer wins, and the table does not say whom it beat. But the Region whose write is beaten sees
it happen: its stream shows the replaced image and the arriving one. If the arriving write's lineage does not hold the
replaced write, it was made without having seen it: an update is lost. It is then put aside under a key of its own, for
`GET /ticket/{id}` to show, and counted in the metric `LostWrites`. Nothing is merged: people decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from workloads.ticketing.api import items
from workloads.ticketing.api.items import LONGEST_LINEAGE, Stored
from workloads.ticketing.api.settings import from_environment
from workloads.ticketing.api.store import Store, client

_log = Logger(service="ticketing")
_SAID = ("description", "assigned", "priority", "status")


class Verdict(Enum):
    """What an arriving write did to the one that it replaced."""

    BUILT_ON = auto()
    """It had seen it."""
    SAME = auto()
    """It says the same: a create that was sent to both Regions."""
    LOST = auto()
    """It had not seen it."""
    TOO_FAR = auto()
    """So many writes came together that the lineage does not reach back."""


def verdict(old: Stored, new: Stored) -> Verdict:
    """Decide from the two images."""
    if new.write_id == old.write_id or old.write_id in new.lineage:
        return Verdict.BUILT_ON
    if all(getattr(old.ticket, name) == getattr(new.ticket, name) for name in _SAID):
        return Verdict.SAME
    if len(new.lineage) == LONGEST_LINEAGE and new.ticket.version - old.ticket.version > LONGEST_LINEAGE:
        return Verdict.TOO_FAR
    return Verdict.LOST


def handler(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """Look at a batch of stream records. Raises TryAgain: the batch comes again, and recording twice is once."""
    del context
    settings = from_environment()
    store = Store(client(settings.region), settings.table, settings.region)
    metrics = Metrics(namespace="Ticketing", service="ticketing")
    found = 0
    for record in event["Records"]:
        images = record["dynamodb"]
        if record["eventName"] != "MODIFY" or not items.is_ticket(images["Keys"]["id"]["S"]):
            continue
        old, new = items.unpack(images["OldImage"]), items.unpack(images["NewImage"])
        decided = verdict(old, new)
        told = {"ticket": old.ticket.id, "replaced": old.write_id, "by": new.write_id, "writer": new.ticket.region}
        if decided is Verdict.LOST:
            store.put_aside(old)
            _log.warning("a write was lost between the Regions", extra=told)
            found += 1
        elif decided is Verdict.TOO_FAR:
            _log.warning("whether a write was lost cannot be told", extra=told)
    if found:
        metrics.add_metric("LostWrites", MetricUnit.Count, found)
        metrics.flush_metrics()
    return {"lost": found}
