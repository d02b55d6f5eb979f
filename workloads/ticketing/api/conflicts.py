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

from workloads.ticketing.api.contract.settings import load_settings
from workloads.ticketing.api.service import table_items
from workloads.ticketing.api.service.table_items import MAX_PREVIOUS_WRITES, StoredTicket
from workloads.ticketing.api.service.ticket_store import TicketStore, dynamodb_client

_log = Logger(service="ticketing")
_COMPARED_FIELDS = ("description", "assigned", "priority", "status")


class ConflictVerdict(Enum):
    """What an arriving write did to the one that it replaced."""

    BUILT_ON = auto()
    """It had seen it."""
    SAME = auto()
    """It says the same: a create that was sent to both Regions."""
    LOST = auto()
    """It had not seen it."""
    UNKNOWN = auto()
    """So many writes came together that the lineage does not reach back."""


def judge_write(old: StoredTicket, new: StoredTicket) -> ConflictVerdict:
    """Decide from the two images."""
    if new.write_id == old.write_id or old.write_id in new.previous_writes:
        return ConflictVerdict.BUILT_ON
    if all(getattr(old.ticket, name) == getattr(new.ticket, name) for name in _COMPARED_FIELDS):
        return ConflictVerdict.SAME
    if (
        len(new.previous_writes) == MAX_PREVIOUS_WRITES
        and new.ticket.version - old.ticket.version > MAX_PREVIOUS_WRITES
    ):
        return ConflictVerdict.UNKNOWN
    return ConflictVerdict.LOST


def handler(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """Look at a batch of stream records. Raises TryAgain: the batch comes again, and recording twice is once."""
    del context
    settings = load_settings()
    store = TicketStore(dynamodb_client(settings.region), settings.table, settings.region)
    metrics = Metrics(namespace="Ticketing", service="ticketing")
    found = 0
    for record in event["Records"]:
        images = record["dynamodb"]
        if record["eventName"] != "MODIFY" or not table_items.is_ticket(images["Keys"]["id"]["S"]):
            continue
        old, new = table_items.unpack_ticket(images["OldImage"]), table_items.unpack_ticket(images["NewImage"])
        decided = judge_write(old, new)
        told = {"ticket": old.ticket.id, "replaced": old.write_id, "by": new.write_id, "writer": new.ticket.region}
        if decided is ConflictVerdict.LOST:
            store.save_lost_write(old)
            _log.warning("a write was lost between the Regions", extra=told)
            found += 1
        elif decided is ConflictVerdict.UNKNOWN:
            _log.warning("whether a write was lost cannot be told", extra=told)
    if found:
        metrics.add_metric("LostWrites", MetricUnit.Count, found)
        metrics.flush_metrics()
    return {"lost": found}
