"""What readiness looks at, from the documents: the event of `leeward-readiness`, one per runbook."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leeward.common import names
from leeward.common.definitions import fingerprint
from leeward.state_machines import subjects
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.compile.groups import group_list
from leeward.state_machines.components import RoutingControls, Servers, TargetGroup
from leeward.state_machines.documents.application import Application
from leeward.state_machines.grants import grants
from leeward.state_machines.in_use import components, deployed, rehearses
from leeward.state_machines.tree import Ready

# How often a Region looks; after a deployment it looks at once.
RATE = "rate(30 minutes)"
TASK, METRIC, SCORE = "readiness", "Ready", "ReadinessScore"


# How CloudFormation leaves a stack that is still there ("Stack status codes").
_LEFT = (
    "CREATE_COMPLETE",
    "IMPORT_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
)


def deployed_pattern(application: Application) -> JsonObject:
    """The events that say that a stack of the application, or of its workload, was deployed in one of its Regions.

    Source: CloudFormation user guide, "Stack Status Change event detail".
    """
    name, account = application.application, application.account
    stacks: list[Json] = [
        {"prefix": f"arn:aws:cloudformation:{region}:{account}:stack/{begins}-"}
        for region in application.regions.both
        for begins in (names.of_application(name), name)
    ]
    return {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "detail": {"stack-id": stacks, "status-details": {"status": list(_LEFT)}},
    }


def looked_at(readies: Sequence[Ready], region: str) -> list[Ready]:
    """Those of an application's runbooks that are looked at in `region`: what recovers into it on a bad day."""
    return [
        ready
        for ready in deployed(readies)
        if ready.compiled.way.target == region == ready.application.regions.standby and not rehearses(ready.runbook)
    ]


def subject(ready: Ready, siblings: Sequence[Ready]) -> JsonObject:
    """The event for `ready`, one of the application's runbooks; `siblings` are all of them, itself included."""
    application, way = ready.application, ready.compiled.way
    home = way.target == application.regions.primary
    return {
        "application": application.application,
        "runbook": ready.runbook.runbook,
        "origin": way.origin,
        "region": way.target,
        "rto_seconds": int(application.objectives.rto.total_seconds()),
        "rpo_seconds": int(application.objectives.rpo.total_seconds()),
        "groups": group_list(application, [name for name, _ in application.of_kind(Servers)]),
        "direction": "FAILBACK" if home else "FAILOVER",
        **_controls(application),
        "record_sets": subjects.record_sets(application),
        "tables": subjects.tables(application),
        "apis": subjects.apis(application),
        "target_groups": _target_groups(application),
        "machines": [
            {
                "region": one.compiled.way.target,
                "name": names.state_machine(application.application, one.runbook.runbook),
                "sha256": fingerprint(one.compiled.text, application.application),
            }
            for one in deployed(siblings)
        ],
        "grants": grants(ready),
        "drills": [
            {"runbook": one.runbook.runbook, "region": one.compiled.way.target}
            for one in deployed(siblings)
            if rehearses(one.runbook) and one.compiled.way == way
        ],
    }


def event_text(ready: Ready, siblings: Sequence[Ready]) -> str:
    """The event as JSON, for a schedule's input."""
    return json.dumps(subject(ready, siblings), sort_keys=True)


def _controls(application: Application) -> JsonObject:
    endpoints: list[Json] = []
    controls: JsonObject = {}
    records: list[Json] = []
    both_on = False
    for _, routing in components(application, RoutingControls):
        endpoints += [{"region": region, "url": url} for region, url in routing.endpoints.items()]
        controls |= routing.controls
        both_on = routing.normally == "both"
        if routing.record is not None:
            records.append(routing.record)
    return {"endpoints": endpoints, "controls": controls, "both_on": both_on, "records": records}


def _target_groups(application: Application) -> JsonObject:
    found: dict[str, list[Json]] = {}
    for _, component in application.of_kind(TargetGroup):
        for region, arn in component.target_groups.items():
            found.setdefault(region, []).append(arn)
    return dict(found)
