"""The routing controls, their guard, and the records that follow them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.conftest import Template
from tests.infra.template_queries import resources_of_type


@pytest.fixture(scope="module")
def routing(website: dict[str, Template]) -> Template:
    return website["leeward-website-routing"]


def test_each_region_has_routing_control_and_assertion_rule(routing: Template) -> None:
    controls = resources_of_type(routing, "AWS::Route53RecoveryControl::RoutingControl")
    assert {control["Name"] for control in controls.values()} == {"us-east-1", "us-west-2"}
    (rule,) = resources_of_type(routing, "AWS::Route53RecoveryControl::SafetyRule").values()
    assert rule["RuleConfig"] == {"Inverted": False, "Threshold": 1, "Type": "ATLEAST"}
    assert {asserted["Fn::GetAtt"][0] for asserted in rule["AssertionRule"]["AssertedControls"]} == set(controls)


def test_records_follow_routing_control_health_checks(routing: Template) -> None:
    records: dict[str, Any] = {
        r["SetIdentifier"]: r for r in resources_of_type(routing, "AWS::Route53::RecordSet").values()
    }
    assert {region: record["Failover"] for region, record in records.items()} == {
        "us-east-1": "PRIMARY",
        "us-west-2": "SECONDARY",
    }
    for region, record in records.items():
        assert record["Name"] == "www.website.example.com"
        assert record["TTL"] == "30"
        check = routing["Resources"][record["HealthCheckId"]["Fn::GetAtt"][0]]["Properties"]["HealthCheckConfig"]
        control = routing["Resources"][check["RoutingControlArn"]["Fn::GetAtt"][0]]["Properties"]
        assert (check["Type"], control["Name"]) == ("RECOVERY_CONTROL", region)


def test_outputs_list_values_for_documents(routing: Template) -> None:
    printed = [output["Description"] for output in routing["Outputs"].values()]
    assert "application.yaml: components.traffic.controls.us-west-2" in printed
