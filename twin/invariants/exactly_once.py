"""exactly-once: no server is launched twice by one run."""

from __future__ import annotations

from collections import Counter

from twin.invariants.record import Record
from twin.report import InvariantReport


def exactly_once(record: Record) -> InvariantReport:
    """StartRecovery has no idempotency token, and a second recovery of the same server replaces or doubles the first:
    a lost answer, a retry or a second caller must never lead to another job for a server that has launched."""
    launched = Counter((launch.server, launch.region) for launch in record.launches if launch.succeeded and launch.run)
    twice = sorted(f"{server} in {region}" for (server, region), n in launched.items() if n > 1)
    if twice:
        return InvariantReport(name="exactly-once", held=False, detail=f"launched more than once: {', '.join(twice)}")
    servers = {server for server, _ in launched}
    return InvariantReport(
        name="exactly-once", held=True, detail=f"{len(servers)} of {len(record.servers)} servers launched, each once"
    )
