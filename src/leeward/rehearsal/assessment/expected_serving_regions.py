"""Where users may be when a run has succeeded, where both Regions of an application serve."""

from __future__ import annotations

from leeward.rehearsal.scenarios.compiled_runbooks import restores_origin_service
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun


def expected_serving_regions(session: RehearsalSession, run: RehearsedRun) -> frozenset[str] | None:
    """A run that leaves a Region ends in the other; one that puts a Region in service again, or leads back, ends as DNS
    prefers. None for an application of which one Region serves."""
    application = session.application
    if application.mode != "active-active":
        return None
    both = application.regions.both
    if restores_origin_service(run.ready) or run.way.target == application.regions.primary:
        return frozenset(both) if session.world.application_dns.variant == "latency" else frozenset({both[0]})
    return frozenset({run.way.target})
