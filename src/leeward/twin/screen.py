"""A stage as it stands at one instant, for a live view."""

from __future__ import annotations

from collections import Counter

from leeward.twin.report import Moment
from leeward.twin.run import Run
from leeward.twin.stage import Stage


def moment(stage: Stage, run: Run | None) -> Moment:
    """Before any run has been started, the view is of the stage's main runbook."""
    compiled = run.ready.compiled if run else stage.main.compiled
    clients = stage.world.clients
    latest = clients.latest if clients else []
    users = Counter(request.served_by or "nobody" for request in latest)
    return Moment(
        application=compiled.application,
        runbook=compiled.runbook,
        origin=compiled.way.origin,
        target=compiled.way.target,
        at=stage.engine.clock.now(),
        incident_at=run.since if run else stage.incident_at,
        started_at=run.started_at if run else None,
        rto_seconds=int(stage.application.objectives.rto.total_seconds()),
        steps=run.progress.steps if run else [],
        users=dict(users),
        note=stage.scenario.description,
    )
