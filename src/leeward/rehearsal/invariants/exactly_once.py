"""Checks the `exactly-once` invariant: one run never launches a server twice."""

from __future__ import annotations

from itertools import pairwise

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import LaunchRecord, RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def exactly_once(record: RunRecord) -> InvariantReport:
    """Check that the run launched each server at most once in each Region.

    StartRecovery has no idempotency token. A second recovery of the same server replaces or duplicates the first. A
    lost response, a retry, or a second caller must therefore never start another job for a launched server. Another
    launch is allowed after the first recovery instance was terminated.
    """
    launched: dict[tuple[str, str], list[LaunchRecord]] = {}
    for launch in record.launches:
        if launch.succeeded and launch.run:
            launched.setdefault((launch.server, launch.region), []).append(launch)
    twice = sorted(
        f"{server} in {region}" for (server, region), launches in launched.items() if _launched_concurrently(launches)
    )
    if twice:
        return InvariantReport(name="exactly-once", held=False, detail=f"launched more than once: {', '.join(twice)}")
    servers = {server for server, _ in launched}
    if not servers:
        reason = "the run launched no server" if record.servers else "the runbook launches no servers"
        return InvariantReport.not_applicable("exactly-once", reason)
    detail = f"{len(servers)} of {len(record.servers)} servers launched, each once"
    return InvariantReport(name="exactly-once", held=True, detail=detail, checked=len(servers))


def _launched_concurrently(launches: list[LaunchRecord]) -> bool:
    in_order = sorted(launches, key=lambda launch: launch.launched_at)
    return any(
        first.terminated_at is None or first.terminated_at > second.launched_at for first, second in pairwise(in_order)
    )


INVARIANT = Invariant(
    "exactly-once",
    "One run never launches a server twice",
    exactly_once,
)
