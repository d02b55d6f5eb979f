"""The event of the board function, with the application details that the status board shows."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leeward.common.naming import resource_names
from leeward.state_machines.active_routing import is_practice_runbook
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.deployment import readiness_event

TASK_NAME = "board"


def build_application_summary(runbooks: Sequence[BuiltRunbook]) -> JsonObject:
    """Return one application's summary for the board, as JSON for `board.application_summary.ApplicationSummary`."""
    application = runbooks[0].application
    checked_runbooks: JsonObject = {
        region: [one.runbook.runbook for one in readiness_event.select_checked_runbooks(runbooks, region)]
        for region in application.regions.both
        if readiness_event.select_checked_runbooks(runbooks, region)
    }
    return {
        "name": application.application,
        "description": application.description or "",
        "origin": application.regions.primary,
        "target": application.regions.standby,
        "rto_objective_seconds": int(application.objectives.rto.total_seconds()),
        "rpo_objective_seconds": int(application.objectives.rpo.total_seconds()),
        "drills": sorted({one.runbook.runbook for one in runbooks if is_practice_runbook(one.runbook)}),
        "looked_at": checked_runbooks,
    }


def build_event(runbooks: Sequence[BuiltRunbook], region: str) -> JsonObject:
    """Return the event of the board function in `region`: the application's summary and the name of the bucket."""
    application = runbooks[0].application
    bucket = resource_names.board_bucket_name(application.application, application.account, region)
    return {"told": build_application_summary(runbooks), "bucket": bucket}


def build_event_text(runbooks: Sequence[BuiltRunbook], region: str) -> str:
    """Return the event as JSON text, for a rule's input."""
    return json.dumps(build_event(runbooks, region), sort_keys=True)
