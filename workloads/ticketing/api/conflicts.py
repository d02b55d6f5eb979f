"""A function on each Region's table stream, which finds writes that the other Region's write has replaced.

Between Regions, the last writer wins, and the table doesn't record which write was replaced. But the stream of the
Region whose write was replaced shows both images. If the lineage of the arriving write doesn't contain the replaced
write, its author hadn't seen that write, so an update is lost. The function stores the lost write under a key of its
own, which `GET /ticket/{id}` returns, and counts it in the metric `LostWrites`. It merges nothing, because users decide
what to do.
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
    """The relation of an arriving write to the write that it replaced."""

    BUILT_ON = auto()
    """The new write was based on the replaced one."""
    SAME = auto()
    """Both have the same content, for example a create that was sent to both Regions."""
    LOST = auto()
    """The new write was made without having seen the replaced one."""
    UNKNOWN = auto()
    """Too many writes were replicated together for the lineage to show the relation."""


def judge_write(old: StoredTicket, new: StoredTicket) -> ConflictVerdict:
    """Return the verdict for the replaced image and the new image."""
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
    """Check a batch of stream records. Raises TemporarilyUnavailable, so that the batch is retried. Recording twice is
    safe.
    """
    del context
    settings = load_settings()
    store = TicketStore(dynamodb_client(settings.region), settings.table, settings.region)
    metrics = Metrics(namespace="Ticketing", service="ticketing")
    lost = 0
    for record in event["Records"]:
        images = record["dynamodb"]
        if record["eventName"] != "MODIFY" or not table_items.is_ticket(images["Keys"]["id"]["S"]):
            continue
        old, new = table_items.unpack_ticket(images["OldImage"]), table_items.unpack_ticket(images["NewImage"])
        verdict = judge_write(old, new)
        details = {"ticket": old.ticket.id, "replaced": old.write_id, "by": new.write_id, "writer": new.ticket.region}
        if verdict is ConflictVerdict.LOST:
            store.save_lost_write(old)
            _log.warning("a write was lost between the Regions", extra=details)
            lost += 1
        elif verdict is ConflictVerdict.UNKNOWN:
            _log.warning("a write may have been lost between the Regions", extra=details)
    if lost:
        metrics.add_metric("LostWrites", MetricUnit.Count, lost)
        metrics.flush_metrics()
    return {"lost": lost}
