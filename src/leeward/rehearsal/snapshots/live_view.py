"""Creates frames of the live view from a session."""

from __future__ import annotations

from leeward.rehearsal.clients.request_metrics import count_by_region
from leeward.rehearsal.results.result_models import LiveViewFrame
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun


def live_view_frame(session: RehearsalSession, run: RehearsedRun | None) -> LiveViewFrame:
    """Return the current frame for a run. Without a run, the frame shows the session's main runbook."""
    compiled = run.ready.compiled if run else session.main_runbook.compiled
    clients = session.world.clients
    latest = clients.latest_requests if clients else []
    return LiveViewFrame(
        application=compiled.application,
        runbook=compiled.runbook,
        origin=compiled.run_regions.origin,
        target=compiled.run_regions.target,
        at=session.engine.clock.now(),
        incident_at=run.trouble_started_at if run else session.service_failed_at or session.incident_at,
        started_at=run.started_at if run else None,
        rto_seconds=int(session.application.objectives.rto.total_seconds()),
        steps=run.progress.steps if run else [],
        users=count_by_region(latest),
        note=session.scenario.description,
        incident=run.responds_to_incident if run else session.service_failed_at is not None,
    )
