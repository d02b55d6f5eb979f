"""The service control policy: which principals it denies, and which it exempts."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.infra.conftest import Template
from tests.infra.permissions.test_task_roles import service_authorization_reference
from tests.infra.template_queries import resources_of_type
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

POLICY: dict[str, Any] = json.loads((REPOSITORY / "infra" / "guardrails" / "scp.json").read_text())
# What AWS Organizations takes for one policy.
LARGEST = 5120
ACCOUNT = "arn:aws:iam::111122223333"
ROUTES = f"{ACCOUNT}:role/leeward/website/arc_route/x"
RECOVERS = f"{ACCOUNT}:role/leeward/website/drs_recover_undo/x"
DEPLOYS = f"{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-111122223333-us-west-2"
ADMINISTERS = f"{ACCOUNT}:role/Administrator"
BREAKS_GLASS = f"{ACCOUNT}:role/leeward-break-glass"
CONTROL = "arn:aws:route53-recovery-control::111122223333:controlpanel/a/routingcontrol/b"
SERVER = "arn:aws:drs:us-west-2:111122223333:source-server/s-1"
MACHINE = "arn:aws:states:us-west-2:111122223333:stateMachine:website-failover"
FUNCTION = "arn:aws:lambda:us-west-2:111122223333:function:leeward-website-arc-route"
ALARM = "arn:aws:cloudwatch:us-west-2:111122223333:alarm:leeward-website-defects"
KEY = "arn:aws:kms:us-west-2:111122223333:key/1"
SCHEDULE = "arn:aws:scheduler:us-west-2:111122223333:schedule/leeward-website/"
LEEWARD_ROLE = {"aws:ResourceTag/leeward:application": "website"}
SWITCH = "route53-recovery-cluster:UpdateRoutingControlStates"


def policy_denies(who: str, action: str, resource: str, context: dict[str, str] | None = None) -> bool:
    """Whether a statement of the policy denies it. Knows the operators that the policy uses, and no others."""
    known = {"aws:PrincipalArn": who, **(context or {})}
    return any(
        action in statement["Action"] and _matches(resource, statement["Resource"]) and _holds(statement, known)
        for statement in POLICY["Statement"]
    )


def _holds(statement: dict[str, Any], known: dict[str, str]) -> bool:
    return all(
        _operator(operator, known.get(key), wanted)
        for operator, keys in statement["Condition"].items()
        for key, wanted in keys.items()
    )


def _operator(operator: str, value: str | None, wanted: Any) -> bool:
    match operator:
        case "ArnNotLike":
            return not _matches(str(value), wanted)
        case "Bool":
            return bool(value == wanted)
        case "Null":
            return (value is None) is (wanted == "true")
    raise AssertionError(operator)


def _matches(text: str, patterns: Any) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns))


@pytest.mark.parametrize(
    ("who", "action", "resource", "context", "is_denied"),
    [
        (ROUTES, SWITCH, CONTROL, {}, False),
        (ADMINISTERS, SWITCH, CONTROL, {}, True),
        (RECOVERS, SWITCH, CONTROL, {}, True),
        (DEPLOYS, SWITCH, CONTROL, {}, True),
        (ROUTES, SWITCH, CONTROL, {"route53-recovery-cluster:AllowSafetyRulesOverrides": "true"}, True),
        (BREAKS_GLASS, SWITCH, CONTROL, {"route53-recovery-cluster:AllowSafetyRulesOverrides": "true"}, False),
        (RECOVERS, "drs:TerminateRecoveryInstances", SERVER, {}, False),
        (ADMINISTERS, "drs:StopReplication", SERVER, {}, True),
        (ROUTES, "drs:StopReplication", SERVER, {}, True),
        (DEPLOYS, "states:UpdateStateMachine", MACHINE, LEEWARD_ROLE, False),
        (ADMINISTERS, "states:UpdateStateMachine", MACHINE, LEEWARD_ROLE, True),
        (ADMINISTERS, "states:UpdateStateMachine", MACHINE, {}, False),
        (ADMINISTERS, "lambda:UpdateFunctionCode", FUNCTION, LEEWARD_ROLE, True),
        (DEPLOYS, "lambda:UpdateFunctionCode", FUNCTION, LEEWARD_ROLE, False),
        (ADMINISTERS, "cloudwatch:DeleteAlarms", ALARM, LEEWARD_ROLE, True),
        (ADMINISTERS, "kms:ScheduleKeyDeletion", KEY, LEEWARD_ROLE, True),
        (ADMINISTERS, "scheduler:UpdateSchedule", f"{SCHEDULE}d", {}, True),
        (ADMINISTERS, "route53-recovery-control-config:DeleteRoutingControl", CONTROL, {}, True),
        (DEPLOYS, "route53-recovery-control-config:DeleteRoutingControl", CONTROL, {}, False),
        (ADMINISTERS, "iam:PutRolePolicy", ROUTES, {}, True),
        (ADMINISTERS, "iam:PutRolePolicy", ADMINISTERS, {}, False),
        (ADMINISTERS, "scheduler:DeleteSchedule", f"{SCHEDULE}d", {}, True),
    ],
)
def test_service_control_policy_decisions(
    who: str, action: str, resource: str, context: dict[str, str], is_denied: bool
) -> None:
    assert policy_denies(who, action, resource, context) is is_denied


def test_service_control_policy_uses_real_actions_and_fits_limit() -> None:
    assert len(json.dumps(POLICY, separators=(",", ":"))) < LARGEST
    for statement in nonempty(POLICY["Statement"]):
        for action in statement["Action"]:
            service, name = action.split(":")
            assert name.lower() in service_authorization_reference()[service]["Actions"], action


def test_only_arc_route_role_is_exempt_from_policy(website: dict[str, Template]) -> None:
    """The one role that may switch traffic is the one that the policy leaves alone."""
    for name, template in nonempty(website.items()):
        for role in resources_of_type(template, "AWS::IAM::Role").values():
            if "leeward" not in role.get("Path", ""):
                continue
            may = any(SWITCH in str(policy) for policy in role.get("Policies", ()))
            arn = f"{ACCOUNT}:role{role['Path']}x"
            assert policy_denies(arn, SWITCH, CONTROL) is not may, f"{name}: {role['Path']}"
