"""When a run's fences were closed, and the writes that were acknowledged meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leeward.common.claims.all_claims import read_claims
from leeward.common.claims.types.data_claims import Fenced
from leeward.common.claims.types.traffic_claims import ServiceSwitched
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.data.region_switch import WriteAccess
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.invariants.run_record import AcknowledgedWrite, FencedInterval
from leeward.rehearsal.session.rehearsal_session import RehearsalSession


def fenced_intervals(journal: Sequence[JournalEntry]) -> list[FencedInterval]:
    """Return when which Region was fenced, from a step's claim until the next step that sets the fence begins.

    A deferred fence isn't included: the Region didn't respond, and finds its fence when it does.
    """
    intervals: list[FencedInterval] = []
    open_since: dict[str, datetime] = {}
    begun: dict[str | None, datetime] = {}
    for entry in journal:
        if entry.event is JournalEvent.STEP_STARTED:
            begun[entry.step] = entry.at
        for region, writes in _fence_changes(entry):
            since = open_since.pop(region, None)
            if since is not None:
                intervals.append(FencedInterval(region, since, begun.get(entry.step, entry.at)))
            if writes == WriteAccess.FENCED:
                open_since[region] = entry.at
    return intervals + [FencedInterval(region, since) for region, since in open_since.items()]


def acknowledged_writes(session: RehearsalSession, since: datetime) -> list[AcknowledgedWrite]:
    """Return the clients' writes that were acknowledged since a time, in the order of the acknowledgements."""
    clients = session.world.clients
    if not isinstance(clients, WritingClients):
        return []
    writes = [
        AcknowledgedWrite(write.acknowledged_at, write.region)
        for write in clients.ledger.writes.values()
        if write.acknowledged_at is not None and write.region is not None and write.acknowledged_at >= since
    ]
    return sorted(writes, key=lambda write: write.at)


def _fence_changes(entry: JournalEntry) -> Iterator[tuple[str, str]]:
    if entry.event is JournalEvent.STEP_DONE:
        for claim in read_claims(entry.facts):
            if isinstance(claim, Fenced | ServiceSwitched) and claim.writes is not None and not claim.deferred_for:
                yield claim.region, claim.writes
