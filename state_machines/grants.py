"""What the tasks of a runbook must be allowed to do, besides looking: read from its compiled state machine.

Not all of it: what a run would meet first, or too late to mend. `infra.permissions` declares the whole of a role, and
the rehearsals prove it; here the roles that are there are asked about, in the account as it is today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from leeward.common import names
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.compile.tasks import function_name
from leeward.state_machines.tree import Ready

_OWN = function_name("")
# A server whose id nobody has: what decides is its tags, which are told with it.
_ANY_SERVER = "s-00000000000000000"
Parameters = Mapping[str, Any]


def grants(ready: Ready) -> list[Json]:
    """Of one runbook: each task's actions with their resources, as `readiness.subject.Grant` has them."""
    found: dict[str, Json] = {}
    for task, parameters in _invocations(ready.compiled.definition):
        for grant in _of(task, parameters, ready):
            found[str(sorted(grant.items()))] = grant
    return [found[key] for key in sorted(found)]


def _of(task: str, parameters: Parameters, ready: Ready) -> Iterator[JsonObject]:
    region, account = ready.compiled.way.target, ready.application.account
    table = f"arn:aws:dynamodb:{region}:{account}:table/{names.table(ready.application.application)}"
    yield _grant(task, "dynamodb:PutItem", [table])
    tell = _TOLD.get(task)
    if tell is not None:
        yield from tell(task, parameters, ready)


def _topic(task: str, _: Parameters, ready: Ready) -> Iterator[JsonObject]:
    topic = names.topic(ready.application.application)
    arn = f"arn:aws:sns:{ready.compiled.way.target}:{ready.application.account}:{topic}"
    yield _grant(task, "sns:Publish", [arn])


def _controls(task: str, parameters: Parameters, _: Ready) -> Iterator[JsonObject]:
    switched = sorted({*parameters.get("turn_on", ()), *parameters.get("turn_off", ())})
    overrides = bool(parameters.get("safety_rules_to_override"))
    context: JsonObject = {"route53-recovery-cluster:AllowSafetyRulesOverrides": str(overrides).lower()}
    yield _grant(task, "route53-recovery-cluster:UpdateRoutingControlStates", list(switched), context)


def _targets(action: str) -> Callable[[str, Parameters, Ready], Iterator[JsonObject]]:
    def told(task: str, parameters: Parameters, _: Ready) -> Iterator[JsonObject]:
        yield _grant(task, f"elasticloadbalancing:{action}", [str(parameters["target_group_arn"])])

    return told


def _servers(task: str, parameters: Parameters, ready: Ready) -> Iterator[JsonObject]:
    region, group = parameters.get("region") or ready.compiled.way.target, parameters["group"]
    servers: list[Json] = [
        f"arn:aws:drs:{region}:{ready.application.account}:source-server/{server}"
        for server in group.get("ids") or (_ANY_SERVER,)
    ]
    context: JsonObject = {f"aws:ResourceTag/{key}": value for key, value in (group.get("tags") or {}).items()}
    yield _grant(task, "drs:StartRecovery", servers, context)


def _record(task: str, parameters: Parameters, _: Ready) -> Iterator[JsonObject]:
    zone = f"arn:aws:route53:::hostedzone/{parameters['hosted_zone']}"
    yield _grant(task, "route53:ChangeResourceRecordSets", [zone])


_TOLD: Mapping[str, Callable[[str, Parameters, Ready], Iterator[JsonObject]]] = {
    "alb_deregister": _targets("DeregisterTargets"),
    "alb_register": _targets("RegisterTargets"),
    "approval_request": _topic,
    "arc_route": _controls,
    "ask": _topic,
    "drs_recover": _servers,
    "notify": _topic,
    "run_end": _topic,
    "route53_shift": _record,
    "route53_weights": _record,
}


def _grant(task: str, action: str, resources: list[Json], context: JsonObject | None = None) -> JsonObject:
    return {"task": task, "action": action, "resources": resources, "context": context or {}}


def _invocations(value: Any) -> Iterator[tuple[str, Parameters]]:
    if isinstance(value, Mapping):
        told = value.get("Parameters", {}) if value.get("Type") == "Task" else {}
        if str(told.get("FunctionName", "")).startswith(_OWN):
            task = told["FunctionName"].removeprefix(_OWN).replace("-", "_")
            yield task, told.get("Payload", {}).get("parameters", {})
        for inner in value.values():
            yield from _invocations(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _invocations(inner)
