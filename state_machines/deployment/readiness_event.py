"""The event of `leeward-readiness`, built from the documents. There is one event per runbook."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leeward.base.import_paths import load
from leeward.common.definition_fingerprint import fingerprint_definition
from leeward.common.naming import resource_names
from leeward.kinds.registry import component_kinds
from leeward.state_machines.active_routing import active_components, is_practice_runbook, select_deployed
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.deployment import readiness_resources
from leeward.state_machines.deployment.permission_probes.task_grants import list_grants
from leeward.state_machines.fragments.actions.server_groups import groups_json

# How often each Region checks readiness. A deployment also triggers a check.
CHECK_RATE = "rate(30 minutes)"
# How long the task's function may take. No state waits for it, and a check of 300 servers makes about 1,500 calls.
FUNCTION_SECONDS = 600
TASK_NAME, READY_METRIC, SCORE_METRIC = "readiness", "Ready", "ReadinessScore"


# The statuses of a stack that exists after an operation (CloudFormation user guide, "Stack status codes").
_DEPLOYED_STATUSES = (
    "CREATE_COMPLETE",
    "IMPORT_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
)


def deployment_event_pattern(application: Application) -> JsonObject:
    """Return the pattern of events for deployments of the application's or its workload's stacks in both Regions.

    Source: CloudFormation user guide, "Stack Status Change event detail".
    """
    name, account = application.application, application.account
    stacks: list[Json] = [
        {"prefix": f"arn:aws:cloudformation:{region}:{account}:stack/{prefix}-"}
        for region in application.regions.both
        for prefix in (resource_names.application_prefix(name), name)
    ]
    return {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "detail": {"stack-id": stacks, "status-details": {"status": list(_DEPLOYED_STATUSES)}},
    }


def select_checked_runbooks(runbooks: Sequence[BuiltRunbook], region: str) -> list[BuiltRunbook]:
    """Return the runbooks that are checked in `region`: those that recover the application into it, without drills."""
    return [
        built
        for built in select_deployed(runbooks)
        if built.compiled.run_regions.target == region == built.application.regions.standby
        and not is_practice_runbook(built.runbook)
    ]


def build_readiness_input(built: BuiltRunbook, siblings: Sequence[BuiltRunbook]) -> JsonObject:
    """Return the event for `built`. `siblings` are all of the application's runbooks, including `built`."""
    application, run_regions = built.application, built.compiled.run_regions
    is_failback = run_regions.target == application.regions.primary
    return {
        "application": application.application,
        "runbook": built.runbook.runbook,
        "origin": run_regions.origin,
        "region": run_regions.target,
        "rto_seconds": int(application.objectives.rto.total_seconds()),
        "rpo_seconds": int(application.objectives.rpo.total_seconds()),
        "groups": groups_json(application, [name for name, _ in application.components_of_kind(ServerGroupComponent)]),
        "direction": "FAILBACK" if is_failback else "FAILOVER",
        **_routing_control_fields(application),
        **_component_fields(application),
        "record_sets": readiness_resources.record_set_resources(application),
        "tables": readiness_resources.table_resources(application),
        "apis": readiness_resources.api_resources(application),
        "target_groups": _target_group_arns(application),
        "machines": [
            {
                "region": one.compiled.run_regions.target,
                "name": resource_names.state_machine_name(application.application, one.runbook.runbook),
                "sha256": fingerprint_definition(one.compiled.text, application.application),
            }
            for one in select_deployed(siblings)
        ],
        "grants": list_grants(built),
        "drills": [
            {"runbook": one.runbook.runbook, "region": one.compiled.run_regions.target}
            for one in select_deployed(siblings)
            if is_practice_runbook(one.runbook) and one.compiled.run_regions == run_regions
        ],
    }


def build_event_text(built: BuiltRunbook, siblings: Sequence[BuiltRunbook]) -> str:
    """Return the event as JSON text, for a schedule's input."""
    return json.dumps(build_readiness_input(built, siblings), sort_keys=True)


def _routing_control_fields(application: Application) -> JsonObject:
    endpoints: list[Json] = []
    controls: JsonObject = {}
    records: list[Json] = []
    both_on = False
    for _, routing in active_components(application, RoutingControlsComponent):
        endpoints += [{"region": region, "url": url} for region, url in routing.endpoints.items()]
        controls |= routing.controls
        both_on = routing.normally == "both"
        if routing.record is not None:
            records.append(routing.record)
    return {"endpoints": endpoints, "controls": controls, "both_on": both_on, "records": records}


def _component_fields(application: Application) -> JsonObject:
    """Return what plug-ins' readiness checks need to know about their components."""
    inputs: list[Json] = []
    for name, component in application.components.items():
        path = component_kinds()[component.kind].readiness_input
        if path is not None:
            inputs.append({"kind": component.kind, "name": name, "input": load(path)(component, application)})
    return {"components": inputs} if inputs else {}


def _target_group_arns(application: Application) -> JsonObject:
    arns: dict[str, list[Json]] = {}
    for _, component in application.components_of_kind(TargetGroupComponent):
        for region, arn in component.target_groups.items():
            arns.setdefault(region, []).append(arn)
    return dict(arns)
