"""What the board shows of an application's documents, and the event of the function that publishes it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leeward.common import names
from leeward.state_machines import readiness
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.in_use import rehearses
from leeward.state_machines.tree import Ready

TASK = "board"


def told(own: Sequence[Ready]) -> JsonObject:
    """Of one application, whose runbooks `own` are: `board.told.Told` as JSON."""
    application = own[0].application
    looked_at: JsonObject = {
        region: [one.runbook.runbook for one in readiness.looked_at(own, region)]
        for region in application.regions.both
        if readiness.looked_at(own, region)
    }
    return {
        "name": application.application,
        "description": application.description or "",
        "origin": application.regions.primary,
        "target": application.regions.standby,
        "rto_objective_seconds": int(application.objectives.rto.total_seconds()),
        "rpo_objective_seconds": int(application.objectives.rpo.total_seconds()),
        "drills": sorted({one.runbook.runbook for one in own if rehearses(one.runbook)}),
        "looked_at": looked_at,
    }


def event(own: Sequence[Ready], region: str) -> JsonObject:
    """What the function in `region` is handed: the documents' part of the page, and the bucket."""
    application = own[0].application
    bucket = names.board_bucket(application.application, application.account, region)
    return {"told": told(own), "bucket": bucket}


def event_text(own: Sequence[Ready], region: str) -> str:
    """The event as JSON, for a rule's input."""
    return json.dumps(event(own, region), sort_keys=True)
