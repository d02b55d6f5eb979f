"""The permissions that readiness verifies, read from a runbook's compiled state machine.

The list is not complete. It has the write permissions that a run needs first, or whose absence would be noticed too
late to fix. `infra.permissions` declares the complete roles, and rehearsals prove them. Readiness asks IAM about the
deployed roles as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from leeward.common.naming import resource_names
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.fragments.lambda_tasks import function_name

_FUNCTION_PREFIX = function_name("")
# An ID that no server has. The tags in the request's context decide whether the call is allowed.
_UNKNOWN_SERVER_ID = "s-00000000000000000"
TaskParameters = Mapping[str, Any]


def list_grants(built: BuiltRunbook) -> list[Json]:
    """Return one runbook's task permissions, as the JSON form of the grants in `readiness.model.readiness_input`."""
    grants: dict[str, Json] = {}
    for task, parameters in _find_invocations(built.compiled.definition):
        for grant in _grants_of_task(task, parameters, built):
            grants[str(sorted(grant.items()))] = grant
    return [grants[key] for key in sorted(grants)]


def _grants_of_task(task: str, parameters: TaskParameters, built: BuiltRunbook) -> Iterator[JsonObject]:
    region, account = built.compiled.run_regions.target, built.application.account
    table = f"arn:aws:dynamodb:{region}:{account}:table/{resource_names.table_name(built.application.application)}"
    yield _make_grant(task, "dynamodb:PutItem", [table])
    grants_of = _GRANTS_BY_TASK.get(task)
    if grants_of is not None:
        yield from grants_of(task, parameters, built)


def _topic_grants(task: str, _: TaskParameters, built: BuiltRunbook) -> Iterator[JsonObject]:
    topic = resource_names.topic_name(built.application.application)
    arn = f"arn:aws:sns:{built.compiled.run_regions.target}:{built.application.account}:{topic}"
    yield _make_grant(task, "sns:Publish", [arn])


def _routing_control_grants(task: str, parameters: TaskParameters, _: BuiltRunbook) -> Iterator[JsonObject]:
    controls = sorted({*parameters.get("turn_on", ()), *parameters.get("turn_off", ())})
    overrides = bool(parameters.get("safety_rules_to_override"))
    context: JsonObject = {"route53-recovery-cluster:AllowSafetyRulesOverrides": str(overrides).lower()}
    yield _make_grant(task, "route53-recovery-cluster:UpdateRoutingControlStates", list(controls), context)


def _target_group_grants(action: str) -> Callable[[str, TaskParameters, BuiltRunbook], Iterator[JsonObject]]:
    def grants(task: str, parameters: TaskParameters, _: BuiltRunbook) -> Iterator[JsonObject]:
        yield _make_grant(task, f"elasticloadbalancing:{action}", [str(parameters["target_group_arn"])])

    return grants


def _server_grants(task: str, parameters: TaskParameters, built: BuiltRunbook) -> Iterator[JsonObject]:
    region, group = parameters.get("region") or built.compiled.run_regions.target, parameters["group"]
    servers: list[Json] = [
        f"arn:aws:drs:{region}:{built.application.account}:source-server/{server}"
        for server in group.get("ids") or (_UNKNOWN_SERVER_ID,)
    ]
    context: JsonObject = {f"aws:ResourceTag/{key}": value for key, value in (group.get("tags") or {}).items()}
    yield _make_grant(task, "drs:StartRecovery", servers, context)


def _record_set_grants(task: str, parameters: TaskParameters, _: BuiltRunbook) -> Iterator[JsonObject]:
    zone = f"arn:aws:route53:::hostedzone/{parameters['hosted_zone']}"
    yield _make_grant(task, "route53:ChangeResourceRecordSets", [zone])


_GRANTS_BY_TASK: Mapping[str, Callable[[str, TaskParameters, BuiltRunbook], Iterator[JsonObject]]] = {
    "alb_deregister": _target_group_grants("DeregisterTargets"),
    "alb_register": _target_group_grants("RegisterTargets"),
    "approval_request": _topic_grants,
    "arc_route": _routing_control_grants,
    "ask": _topic_grants,
    "drs_recover": _server_grants,
    "notify": _topic_grants,
    "run_end": _topic_grants,
    "route53_shift": _record_set_grants,
    "route53_weights": _record_set_grants,
}


def _make_grant(task: str, action: str, resources: list[Json], context: JsonObject | None = None) -> JsonObject:
    return {"task": task, "action": action, "resources": resources, "context": context or {}}


def _find_invocations(value: Any) -> Iterator[tuple[str, TaskParameters]]:
    if isinstance(value, Mapping):
        call = value.get("Parameters", {}) if value.get("Type") == "Task" else {}
        if str(call.get("FunctionName", "")).startswith(_FUNCTION_PREFIX):
            task = call["FunctionName"].removeprefix(_FUNCTION_PREFIX).replace("-", "_")
            yield task, call.get("Payload", {}).get("parameters", {})
        for inner in value.values():
            yield from _find_invocations(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _find_invocations(inner)
