"""What would keep a first deployment into an empty account from coming up. Each check also finds planted mistakes."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.infra.conftest import Template
from tests.infra.template_queries import resources_of_type
from tests.support.nonempty import nonempty

_ROUTE = "AWS::EC2::Route"
_FOREIGN_NETWORK = re.compile(r"^\s*(dnf|yum|curl|wget|/tmp/enrol)\b", re.MULTILINE)


def find_replication_without_path(template: Template) -> Iterator[str]:
    """Replication servers must be reachable by servers of another Region, whose network is not connected."""
    for name, replication in resources_of_type(template, "AWS::DRS::ReplicationConfigurationTemplate").items():
        if replication["DataPlaneRouting"] != "PUBLIC_IP" or replication["CreatePublicIP"] is not True:
            yield f"{name}: private addresses, but the Regions' networks are not connected"
        subnet = replication["StagingAreaSubnetId"]["Ref"]
        if template["Resources"][subnet]["Properties"].get("MapPublicIpOnLaunch") is not True:
            yield f"{name}: the staging area's subnet is private"
        groups = [each["Fn::GetAtt"][0] for each in replication["ReplicationServersSecurityGroupsIDs"]]
        rules = [rule for each in groups for rule in template["Resources"][each]["Properties"]["SecurityGroupIngress"]]
        if not any(rule.get("CidrIp") == "0.0.0.0/0" and rule["FromPort"] == 1500 for rule in rules):
            yield f"{name}: port 1500 is closed"


def find_redirected_health_checks(template: Template) -> Iterator[str]:
    """nginx answers the path of a folder with a redirect, unless a location of its own matches it exactly."""
    scripts = [_script(server) for server in resources_of_type(template, "AWS::EC2::Instance").values()]
    for name, group in resources_of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup").items():
        path = group["HealthCheckPath"]
        if scripts and not any(f"location = {path} {{" in script for script in scripts):
            yield f"{name}: no server answers {path} without a redirect"


def find_fragile_scripts(template: Template) -> Iterator[str]:
    """A script must stop at the first error, try again what needs the network, and tell CloudFormation."""
    for name, server in resources_of_type(template, "AWS::EC2::Instance").items():
        script, resource = _script(server), template["Resources"][name]
        if "set -euo pipefail" not in script:
            yield f"{name}: errors are ignored"
        if match := _FOREIGN_NETWORK.search(script):
            yield f"{name}: {match[1]} is tried once"
        if "cfn-signal" not in script or "ResourceSignal" not in resource.get("CreationPolicy", {}):
            yield f"{name}: nobody learns that the script failed"
        routes = [each for each in resource.get("DependsOn", ()) if template["Resources"][each]["Type"] == _ROUTE]
        if not routes:
            yield f"{name}: starts before its subnet has a route to the internet"


def find_stages_without_log_role(template: Template) -> Iterator[str]:
    """API Gateway rejects a stage that logs if the account has no role for its logs in the Region."""
    roles = _log_roles(template)
    for name, stage in resources_of_type(template, "AWS::ApiGateway::Stage").items():
        logs = any(each.get("LoggingLevel", "OFF") != "OFF" for each in stage.get("MethodSettings", ()))
        if (logs or "AccessLogSetting" in stage) and not roles:
            yield f"{name}: logs, but nothing sets the account's role"


def find_conditional_key_grants(template: Template) -> Iterator[str]:
    """EventBridge may send KMS no account and no rule, and drops a message that it can't encrypt."""
    for name, key in resources_of_type(template, "AWS::KMS::Key").items():
        for statement in key["KeyPolicy"]["Statement"]:
            services = json.dumps(statement.get("Principal", {}).get("Service", []))
            if "events.amazonaws.com" in services and statement.get("Condition"):
                yield f"{name}: the grant to EventBridge has a condition"


def _log_roles(template: Template) -> list[str]:
    accounts = resources_of_type(template, "AWS::ApiGateway::Account")
    return [name for name, each in accounts.items() if each.get("CloudWatchRoleArn")]


def _script(server: Mapping[str, Any]) -> str:
    parts = server["UserData"]["Fn::Base64"]
    return parts if isinstance(parts, str) else "".join(map(str, parts["Fn::Join"][1]))


Check = Callable[[Template], Iterator[str]]
CHECKS: Mapping[str, tuple[Check, str, str]] = {
    "replication": (find_replication_without_path, "website", "workload"),
    "redirects": (find_redirected_health_checks, "website", "workload"),
    "scripts": (find_fragile_scripts, "website", "workload"),
    "logs": (find_stages_without_log_role, "ticketing", ""),
    "keys": (find_conditional_key_grants, "website", ""),
}


@pytest.mark.parametrize("name", CHECKS)
def test_templates_come_up_in_an_empty_account(name: str, request: pytest.FixtureRequest) -> None:
    check, application, part = CHECKS[name]
    templates = {key: each for key, each in request.getfixturevalue(application).items() if part in key}
    assert {key: found for key, each in nonempty(templates.items()) if (found := list(check(each)))} == {}


def _with_text(old: str, new: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(template: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(template)
        assert old in text, old
        return dict(json.loads(text.replace(old, new)))

    return change


def _without(kind: str, member: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(template: dict[str, Any]) -> dict[str, Any]:
        changed = copy.deepcopy(template)
        for each in changed["Resources"].values():
            if each["Type"] == kind:
                each.pop(member, None)
                each["Properties"].pop(member, None)
        return changed

    return change


def _with_condition(template: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(template)
    for key in resources_of_type(changed, "AWS::KMS::Key").values():
        for statement in key["KeyPolicy"]["Statement"]:
            statement["Condition"] = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    return changed


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("replication", _with_text('"PUBLIC_IP"', '"PRIVATE_IP"')),
        ("replication", _with_text('"FromPort": 1500', '"FromPort": 1501')),
        ("replication", _without("AWS::EC2::Subnet", "MapPublicIpOnLaunch")),
        ("redirects", _with_text("location = /catalogue {", "location /catalogue {")),
        ("redirects", _with_text('"HealthCheckPath": "/catalogue"', '"HealthCheckPath": "/shop"')),
        ("redirects", _with_text('"HealthCheckPath": "/"', '"HealthCheckPath": "/home"')),
        ("scripts", _with_text("set -euo pipefail", "set -u")),
        ("scripts", _with_text("retry dnf install -y nginx", "dnf install -y nginx")),
        ("scripts", _with_text("retry curl", "curl")),
        ("scripts", _without("AWS::EC2::Instance", "CreationPolicy")),
        ("scripts", _without("AWS::EC2::Instance", "DependsOn")),
        ("logs", _without("AWS::ApiGateway::Account", "CloudWatchRoleArn")),
        ("keys", _with_condition),
    ],
)
def test_planted_mistakes_are_found(
    name: str, change: Callable[[dict[str, Any]], dict[str, Any]], request: pytest.FixtureRequest
) -> None:
    check, application, part = CHECKS[name]
    found = []
    for key, each in request.getfixturevalue(application).items():
        relevant = name not in ("replication", "redirects", "scripts") or key.endswith("workload-us-east-1")
        if part in key and relevant and (name != "logs" or resources_of_type(each, "AWS::ApiGateway::Stage")):
            found += list(check(change(dict(each))))
    assert found
