"""What those who operate runs may do, by the example policy and under the example boundary, as IAM judges it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from leeward.twin.policies.evaluation.policy_documents import AuthorizationRequest, evaluate_statements, read_statements
from tests.infra.permissions.test_task_roles import service_authorization_reference
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

FOLDER = REPOSITORY / "infra" / "guardrails"
OPERATORS, BOUNDARY = (json.loads((FOLDER / f"{name}.json").read_text()) for name in ("operators", "boundary"))
ADMINISTRATOR = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# What IAM takes for one managed policy, without blanks.
LARGEST = 6144
REGION = "us-west-2:111122223333"
TABLE = f"arn:aws:dynamodb:{REGION}:table/leeward-website"
MACHINE = f"arn:aws:states:{REGION}:stateMachine:website-failover"
EXECUTION = f"arn:aws:states:{REGION}:execution:website-failover:20260301-090000"
ANSWER = f"arn:aws:lambda:{REGION}:function:leeward-website-answer"
KEY = f"arn:aws:kms:{REGION}:key/1234"
DECRYPT = {"kms:viaservice": ["dynamodb.us-west-2.amazonaws.com"], "kms:resourcealiases": ["alias/leeward-website"]}
# By action of the table in docs/operations.md, with what the journal's key also requires.
NEEDED = {
    "dynamodb:Query": TABLE,
    "dynamodb:GetItem": TABLE,
    "states:DescribeExecution": EXECUTION,
    "states:GetExecutionHistory": EXECUTION,
    "states:StartExecution": MACHINE,
    "lambda:InvokeFunction": ANSWER,
    "states:StopExecution": EXECUTION,
    "states:RedriveExecution": EXECUTION,
    "kms:Decrypt": KEY,
}
TASK_ROLE = "arn:aws:iam::111122223333:role/leeward/website/arc_route/x"
CONTROL = "arn:aws:route53-recovery-control::111122223333:controlpanel/a/routingcontrol/b"


def is_allowed(identity: dict[str, Any], action: str, resource: str) -> bool:
    """Both must allow it (IAM user guide, "Permissions boundaries for IAM entities")."""
    request = AuthorizationRequest(action, resource, DECRYPT if action == "kms:Decrypt" else {})
    return all(evaluate_statements(read_statements([policy]), request).allowed for policy in (identity, BOUNDARY))


@pytest.mark.parametrize("action", NEEDED)
def test_operator_policy_allows_every_command(action: str) -> None:
    assert is_allowed(OPERATORS, action, NEEDED[action])


def test_operations_page_lists_exactly_needed_actions() -> None:
    output = (REPOSITORY / "docs" / "operations.md").read_text().split("## Permissions")[1].split("\n## ")[0]
    rows = "".join(line for line in output.splitlines() if line.startswith("|"))
    assert set(re.findall(r"`([a-z]+:[A-Z]\w+)`", rows)) == set(NEEDED)


@pytest.mark.parametrize("identity", [OPERATORS, ADMINISTRATOR], ids=["operator", "administrator"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("states:SendTaskSuccess", "*"),
        ("states:SendTaskFailure", "*"),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:DeleteItem", TABLE),
        ("sts:AssumeRole", TASK_ROLE),
        ("iam:PassRole", TASK_ROLE),
        ("lambda:UpdateFunctionCode", ANSWER),
        ("route53-recovery-cluster:UpdateRoutingControlState", CONTROL),
        ("drs:TerminateRecoveryInstances", f"arn:aws:drs:{REGION}:recovery-instance/i-1"),
        ("iam:DeleteRolePermissionsBoundary", "arn:aws:iam::111122223333:role/operators"),
    ],
)
def test_boundary_prevents_bypassing_approval(identity: dict[str, Any], action: str, resource: str) -> None:
    assert not is_allowed(identity, action, resource)


def test_operator_policy_is_limited_to_one_application() -> None:
    for action, resource in NEEDED.items():
        if action != "kms:Decrypt":  # a key is known by its alias
            assert not is_allowed(OPERATORS, action, resource.replace("website", "ticketing"))
    assert not is_allowed(OPERATORS, "lambda:InvokeFunction", ANSWER.replace("answer", "arc-route"))
    assert not evaluate_statements(read_statements([OPERATORS]), AuthorizationRequest("kms:Decrypt", KEY, {})).allowed


def test_boundary_allows_unrelated_actions() -> None:
    assert is_allowed(ADMINISTRATOR, "ec2:RunInstances", "*")
    assert is_allowed(ADMINISTRATOR, "dynamodb:PutItem", TABLE.replace("leeward-website", "orders"))


@pytest.mark.parametrize("policy", [OPERATORS, BOUNDARY])
def test_policies_use_real_actions_and_fit_limit(policy: dict[str, Any]) -> None:
    assert len(json.dumps(policy, separators=(",", ":"))) < LARGEST
    for statement in nonempty(policy["Statement"]):
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            service, _, name = action.partition(":")
            assert action == "*" or name.lower() in service_authorization_reference()[service]["Actions"], action
