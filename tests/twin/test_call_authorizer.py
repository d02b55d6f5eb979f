"""Calls of functions with a role: which are denied, and what the error says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.policies.call_authorizer import CallAuthorizer
from leeward.twin.policies.evaluation.policy_conditions import UnsupportedPolicy
from leeward.twin.policies.evaluation.policy_documents import read_statements
from leeward.twin.policies.function_role import FunctionRole
from tests.twin.engine.machines import REGION, machine, open_engine, run_execution, task

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/leeward/site/work/work-role"
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
GATEWAY = f"arn:aws:apigateway:{REGION}::/domainnames"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t"


def allow(*actions: str, resource: str = "*", **condition: Mapping[str, Any]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def denial(call: str, parameters: Mapping[str, Any], *statements: Mapping[str, Any], role: str | None = ROLE) -> str:
    """Why a call of `work` is denied, or an empty string."""
    roles = {ROLE: FunctionRole(ROLE, read_statements([{"Statement": list(statements)}]))}
    authorize = CallAuthorizer(ACCOUNT, roles, lambda *_: role, lambda: datetime(2026, 3, 1, tzinfo=UTC))
    service, _, operation = call.partition(":")
    return authorize("work", REGION, CallTarget(service, operation, REGION, "host"), parameters) or ""


def test_denial_names_action_resource_and_role() -> None:
    assert denial("dynamodb:PutItem", {"TableName": "t", "Item": {}}, allow("dynamodb:GetItem")) == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/work-role/work is not authorized to perform: dynamodb:PutItem "
        f"on resource: {TABLE} because no identity-based policy allows the dynamodb:PutItem action"
    )


def test_explicit_deny_is_named() -> None:
    deny = allow("sns:Publish") | {"Effect": "Deny"}
    found = denial("sns:Publish", {"TopicArn": "arn:aws:sns:us-west-2:1:t"}, allow("sns:*"), deny)
    assert found.endswith("with an explicit deny in an identity-based policy")


@pytest.mark.parametrize(
    ("call", "parameters", "action", "resource"),
    [
        ("s3:HeadObject", {"Bucket": "b", "Key": "k"}, "s3:GetObject", "arn:aws:s3:::b/k"),
        ("s3:ListObjectsV2", {"Bucket": "b"}, "s3:ListBucket", "arn:aws:s3:::b"),
        ("lambda:Invoke", {"FunctionName": "f"}, "lambda:InvokeFunction", f"{LAMBDA}:f"),
        ("apigateway:GetDomainName", {"domainName": "d"}, "apigateway:GET", f"{GATEWAY}/d"),
        ("dynamodb:BatchGetItem", {"RequestItems": {"t": {"Keys": []}}}, "dynamodb:BatchGetItem", TABLE),
        ("stepfunctions:StopExecution", {"executionArn": "arn:x"}, "states:StopExecution", "arn:x"),
        ("sqs:SendMessage", {"QueueUrl": "https://q/1/own"}, "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:own"),
        ("rds:DescribeDBInstances", {}, "rds:DescribeDBInstances", "*"),
    ],
)  # fmt: skip
def test_call_requires_the_action_of_iam_on_its_resource(
    call: str, parameters: Mapping[str, Any], action: str, resource: str
) -> None:
    assert f"perform: {action} on resource: {resource} because" in denial(call, parameters)
    assert denial(call, parameters, allow(action, resource=resource)) == ""


def test_transaction_requires_the_permission_of_each_part() -> None:
    parts = [
        {"Put": {"TableName": "t", "Item": {"pk": {"S": "a"}}}},
        {"ConditionCheck": {"TableName": "u", "Key": {"pk": {"S": "b"}}}},
    ]
    allowed = [allow("dynamodb:PutItem", resource=TABLE)]
    missing = denial("dynamodb:TransactWriteItems", {"TransactItems": parts}, *allowed)
    assert f"perform: dynamodb:ConditionCheckItem on resource: {TABLE[:-1]}u" in missing
    allowed.append(allow("dynamodb:ConditionCheckItem", resource=f"{TABLE[:-1]}u"))
    assert denial("dynamodb:TransactWriteItems", {"TransactItems": parts}, *allowed) == ""


@pytest.mark.parametrize(
    ("name", "action", "is_allowed"),
    [
        ("WWW.example.com.", "UPSERT", True),
        ("www.example.com", "DELETE", False),
        ("other.example.com", "UPSERT", False),
        ("*.example.com", "UPSERT", False),
    ],
)
def test_record_change_is_limited_by_normalized_name_and_action(name: str, action: str, is_allowed: bool) -> None:
    keys = {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["www.example.com"],
        "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
    }
    statement = allow("route53:ChangeResourceRecordSets", **{"ForAllValues:StringEquals": keys})
    change = {"Action": action, "ResourceRecordSet": {"Name": name, "Type": "A"}}
    parameters = {"HostedZoneId": "/hostedzone/Z1", "ChangeBatch": {"Changes": [change]}}
    assert (denial("route53:ChangeResourceRecordSets", parameters, statement) == "") is is_allowed


@pytest.mark.parametrize(("number", "is_allowed"), [("own#1", True), ("other#1", False)])
def test_leading_key_is_the_tables_own_partition_key(number: str, is_allowed: bool) -> None:
    keys = {"dynamodb:LeadingKeys": ["own#*"]}
    statement = allow("dynamodb:*", resource=TABLE, **{"ForAllValues:StringLike": keys})
    query = {
        "TableName": "t",
        "KeyConditionExpression": "#k = :v AND begins_with(sk, :s)",
        "ExpressionAttributeNames": {"#k": "number"},
        "ExpressionAttributeValues": {":v": {"S": number}, ":s": {"S": "own#"}},
    }
    with open_engine() as opened:
        opened.client("dynamodb", REGION).create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        key = {"number": {"S": number}, "pk": {"S": "own#x"}}
        for call, parameters in (
            ("dynamodb:Query", query),
            ("dynamodb:UpdateItem", {"TableName": "t", "Key": key}),
            ("dynamodb:BatchWriteItem", {"RequestItems": {"t": [{"DeleteRequest": {"Key": key}}]}}),
        ):
            assert (denial(call, parameters, statement) == "") is is_allowed, call


def test_call_with_unknown_resources_is_decided_only_by_grants_on_everything() -> None:
    assert "perform: rds:FailoverGlobalCluster" in denial("rds:FailoverGlobalCluster", {})
    assert denial("rds:FailoverGlobalCluster", {}, allow("rds:*")) == ""
    with pytest.raises(UnsupportedPolicy, match="no rule for the resources of rds:FailoverGlobalCluster"):
        denial("rds:FailoverGlobalCluster", {}, allow("rds:*", resource="arn:aws:rds:::cluster:a"))


def test_function_without_role_may_call_anything_and_one_with_unknown_role_nothing() -> None:
    assert denial("sns:Publish", {"TopicArn": "t"}, role=None) == ""
    assert "not authorized" in denial("sns:Publish", {"TopicArn": "t"}, allow("sns:*"), role="arn:aws:iam::1:role/x")
    assert denial("sts:GetCallerIdentity", {}, role="arn:aws:iam::1:role/x") == ""


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_instances", "UnauthorizedOperation"),
        ("dynamodb", "list_tables", "AccessDeniedException"),
        ("s3", "list_buckets", "AccessDenied"),
        ("lambda", "list_functions", "AccessDeniedException"),
    ],
)
def test_handler_gets_the_error_of_the_service(service: str, operation: str, code: str) -> None:
    def call(event: Any, context: Any) -> Any:
        try:
            getattr(boto3.client(service, region_name=REGION), operation)()
        except ClientError as error:
            return error.response["Error"]
        return "allowed"

    with open_engine() as opened:
        opened.functions.register(REGION, "work", call, role=ROLE)
        opened.interceptor.authorizer = CallAuthorizer(
            ACCOUNT, {ROLE: FunctionRole(ROLE, ())}, opened.functions.find_role, opened.clock.now
        )
        answer = run_execution(opened, machine("A", A=task("work"))).output["Payload"]
    assert answer["Code"] == code
    assert "assumed-role/work-role/work is not authorized to perform: " in answer["Message"]
