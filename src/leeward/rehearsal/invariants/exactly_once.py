"""Checks the `exactly-once` invariant: one run never launches a server twice."""

from __future__ import annotations

from itertools import pairwise

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import LaunchRecord, RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport


def exactly_once(record: RunRecord) -> InvariantReport:
    """Check that during the run, each server was launched at most once in each Region.

    StartRecovery has no idempotency token. A second recovery of the same server replaces or duplicates the first. A
    lost response, a retry, or a second caller must therefore never start another job for a launched server. Another
    launch is allowed after the first recovery instance was terminated.

    A launch counts by its effect. The tags of its job don't matter, and an EC2 instance that RunInstances started for a
    source server is a launch too.
    """
    launched: dict[tuple[str, str], list[LaunchRecord]] = {}
    for launch in record.launches:
        if launch.succeeded:
            launched.setdefault((launch.server, launch.region), []).append(launch)
    twice = sorted(
        f"{server} in {region}" for (server, region), launches in launched.items() if _launched_concurrently(launches)
    )
    if twice:
        return InvariantReport.violation("exactly-once", f"launched more than once: {', '.join(twice)}", len(launched))
    reason = "the run launched no server" if record.expected_launches else "the runbook launches no servers"
    detail = f"{len(launched)} of {len(record.expected_launches)} launches, each once"
    return InvariantReport.of("exactly-once", len(launched), detail, otherwise=reason)


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
