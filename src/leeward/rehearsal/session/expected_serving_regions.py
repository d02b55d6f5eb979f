"""Computes the Regions that may serve clients after a successful run of an active-active application."""

from __future__ import annotations

from leeward.rehearsal.scenarios.compiled_runbooks import restores_origin_service
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun


def expected_serving_regions(session: RehearsalSession, run: RehearsedRun) -> frozenset[str] | None:
    """Return the Regions that may serve clients after the run has succeeded.

    A run that leaves a Region ends in the other Region. A run that puts a Region back in service, or that returns
    to the primary Region, ends in the Regions that DNS prefers. Returns None unless the application is active-active.
    """
    application = session.application
    if application.mode != "active-active":
        return None
    both = application.regions.both
    if restores_origin_service(run.ready) or run.way.target == application.regions.primary:
        return frozenset(both) if session.world.application_dns.variant == "latency" else frozenset({both[0]})
    return frozenset({run.way.target})
