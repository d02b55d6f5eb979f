"""What the board shows of an application's documents, and the event of the function that publishes it."""

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
    """Of one application, whose runbooks `own` are: `board.told.Told` as JSON."""
    application = runbooks[0].application
    looked_at: JsonObject = {
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
        "looked_at": looked_at,
    }


def build_event(runbooks: Sequence[BuiltRunbook], region: str) -> JsonObject:
    """What the function in `region` is handed: the documents' part of the page, and the bucket."""
    application = runbooks[0].application
    bucket = resource_names.board_bucket_name(application.application, application.account, region)
    return {"told": build_application_summary(runbooks), "bucket": bucket}


def build_event_text(runbooks: Sequence[BuiltRunbook], region: str) -> str:
    """The event as JSON, for a rule's input."""
    return json.dumps(build_event(runbooks, region), sort_keys=True)
