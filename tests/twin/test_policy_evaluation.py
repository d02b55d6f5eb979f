"""IAM's evaluation, against what its user guide says."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.twin.policies.evaluation.action_rules import ACTION_RULES, CallLocation
from leeward.twin.policies.evaluation.policy_conditions import UnsupportedPolicy, conditions_hold
from leeward.twin.policies.evaluation.policy_documents import (
    AuthorizationRequest,
    PolicyDecision,
    evaluate_statements,
    read_statements,
)
from leeward.twin.policies.evaluation.required_permissions import build_requests
from tests.support.authorization_reference import ACTIONS_WITHOUT_RESOURCE, service_authorization_reference

SERVER = "arn:aws:drs:us-west-2:111122223333:source-server/s-1"
ALLOW = {
    "Effect": "Allow",
    "Action": "drs:StartRecovery",
    "Resource": "arn:aws:drs:us-west-2:111122223333:source-server/*",
}
TAGGED = ALLOW | {"Condition": {"StringEquals": {"aws:ResourceTag/Application": "website"}}}
DENY = {"Effect": "Deny", "Action": "drs:*", "Resource": "*"}


def evaluate(*statements: dict[str, Any], action: str = "drs:StartRecovery", resource: str = SERVER, **context: list[str]) -> PolicyDecision:  # fmt: skip  # noqa: E501
    keys = {key.replace("__", ":").replace("_S_", "/").lower(): value for key, value in context.items()}
    return evaluate_statements(
        read_statements([{"Statement": list(statements)}]), AuthorizationRequest(action, resource, keys)
    )


def test_unmatched_action_is_denied() -> None:
    assert evaluate(ALLOW) == PolicyDecision(True, 0)
    assert evaluate(ALLOW, action="drs:StopReplication") == evaluate() == PolicyDecision(False, None)
    assert evaluate(ALLOW, resource=SERVER.replace("us-west-2", "us-east-1")) == PolicyDecision(False, None)


def test_explicit_deny_overrides_allow() -> None:
    assert evaluate(ALLOW, DENY) == PolicyDecision(False, 1)


def test_statement_with_false_condition_is_ignored() -> None:
    assert evaluate(TAGGED) == PolicyDecision(False, None)
    assert evaluate(TAGGED, ALLOW) == PolicyDecision(True, 1)
    assert evaluate(TAGGED, aws__resourcetag_S_application=["website"]) == PolicyDecision(True, 0)
    assert evaluate(TAGGED, aws__resourcetag_S_application=["ticketing"]) == PolicyDecision(False, None)


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({"Action": "DRS:startrecovery", "Resource": "*"}, True),
        ({"Action": ["drs:Start*"], "Resource": "*"}, True),
        ({"Action": "drs:StartRecover?", "Resource": "*"}, True),
        ({"Action": "drs.StartRecovery", "Resource": "*"}, False),
        ({"NotAction": "drs:Describe*", "Resource": "*"}, True),
        ({"NotAction": ["drs:*"], "Resource": "*"}, False),
        ({"Action": "drs:*", "NotResource": "arn:aws:drs:us-west-2:*"}, False),
        ({"Action": "drs:*", "Resource": "arn:aws:drs:us-west-2:111122223333:source-server/s-1"}, True),
        ({"Action": "drs:*", "Resource": "arn:aws:drs:us-west-2:111122223333:source-server/s.1"}, False),
    ],
)  # fmt: skip
def test_actions_and_resources_match_wildcards(statement: dict[str, Any], allowed: bool) -> None:
    assert evaluate({"Effect": "Allow"} | statement).allowed is allowed


CONTEXT = {"aws:requestedregion": ["us-west-2"], "aws:tagkeys": ["Application", "Role"], "aws:calledvia": []}


@pytest.mark.parametrize(
    ("conditions", "hold"),
    [
        ({"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}, True),
        ({"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}, False),
        ({"StringLike": {"aws:RequestedRegion": "us-*"}}, True),
        ({"StringEqualsIgnoreCase": {"aws:requestedregion": "US-WEST-2"}}, True),
        ({"StringEquals": {"aws:RequestTag/Owner": "x"}}, False),
        ({"StringNotEquals": {"aws:RequestTag/Owner": "x"}}, True),
        ({"StringEqualsIfExists": {"aws:RequestTag/Owner": "x"}}, True),
        ({"Null": {"aws:RequestTag/Owner": "true"}}, True),
        ({"Null": {"aws:RequestTag/Owner": "false"}}, False),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Application", "Role", "Name"]}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Application"]}}, False),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["Role"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": ["drs.amazonaws.com"]}}, False),
        ({"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": ["a"]}}, False),
        ({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["a*"]}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "us-west-2"}, "Bool": {"aws:RequestTag/X": "true"}}, False),
    ],
)  # fmt: skip
def test_condition_operators(conditions: dict[str, Any], hold: bool) -> None:
    assert conditions_hold(conditions, CONTEXT) is hold


@pytest.mark.parametrize(
    "statement",
    [
        {"Condition": {"IpAddress": {"aws:RequestedRegion": "10.0.0.0/8"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": "${aws:PrincipalTag/region}"}}},
        {"Resource": "arn:aws:drs:*:*:source-server/${aws:username}"},
        {"Principal": "*"},
    ],
)
def test_unsupported_policy_element_is_rejected(statement: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedPolicy):
        evaluate(ALLOW | {"Action": "drs:*"} | statement)


# What calls are about


HERE = CallLocation("us-west-2", "111122223333")


def authorization_requests(action: str, **given: Any) -> list[AuthorizationRequest]:
    return list(build_requests(action, given, HERE, lambda arn: {"Application": "website"} if "s-1" in arn else None))


def test_start_recovery_is_authorized_per_server_and_for_tags() -> None:
    first, second, tags = authorization_requests(
        "drs:StartRecovery",
        sourceServers=[{"sourceServerID": "s-1"}, {"sourceServerID": "s-2"}],
        tags={"leeward:run": "r"},
    )
    assert (first.resource, first.context["aws:resourcetag/application"]) == (SERVER, ["website"])
    assert (second.resource, "aws:resourcetag/application" in second.context) == (SERVER.replace("s-1", "s-2"), False)
    assert (first.context["aws:requesttag/leeward:run"], first.context["aws:tagkeys"]) == (["r"], ["leeward:run"])
    assert (tags.action, tags.context["drs:createaction"]) == ("drs:TagResource", ["StartRecovery"])


def test_put_item_provides_leading_keys() -> None:
    (request,) = authorization_requests(
        "dynamodb:PutItem", TableName="orders", Item={"pk": {"S": "#region#x"}, "sk": {"S": "y"}}
    )
    assert (request.resource, request.context["dynamodb:leadingkeys"]) == (
        "arn:aws:dynamodb:us-west-2:111122223333:table/orders",
        ["#region#x"],
    )


def test_unknown_call_is_rejected() -> None:
    with pytest.raises(UnsupportedPolicy, match="no rule for the resources of drs:CreateRecoveryPlan"):
        authorization_requests("drs:CreateRecoveryPlan")


def test_resource_types_match_service_authorization_reference() -> None:
    reference = service_authorization_reference()
    assert ACTION_RULES
    for action, rule in ACTION_RULES.items():
        service, operation = (rule.action or action).split(":")
        kinds = reference[service]["Actions"][operation.lower()].get("Resources", [])
        assert rule.kind in kinds if kinds and action not in ACTIONS_WITHOUT_RESOURCE else rule.kind is None, action
