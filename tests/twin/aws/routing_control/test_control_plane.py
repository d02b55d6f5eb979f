"""The routing controls' control plane: clusters, panels, controls, rules, health checks, tags."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.twin.aws.routing_control import RoutingControlSimulator
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from tests.support.nonempty import nonempty
from tests.twin.aws.drs_world import ManualClock, client, error_code


@pytest.fixture
def arc(clock: ManualClock) -> RoutingControlSimulator:
    return RoutingControlSimulator(BackendHooks(clock.now, clock.later, Random(7)))


@pytest.fixture
def api(arc: RoutingControlSimulator) -> Any:
    return client("route53-recovery-control-config", "us-west-2")


@pytest.fixture
def cluster(api: Any, clock: ManualClock) -> str:
    arn = str(api.create_cluster(ClusterName="website")["Cluster"]["ClusterArn"])
    clock.advance(minutes=2)
    return arn


def make_control(api: Any, cluster: str, name: str, **options: str) -> dict[str, Any]:
    return dict(api.create_routing_control(ClusterArn=cluster, RoutingControlName=name, **options)["RoutingControl"])


def conflict(error: pytest.ExceptionInfo[ClientError]) -> bool:
    return error_code(error.value) == "ConflictException"


def test_a_cluster_has_five_endpoints_once_it_is_deployed(api: Any, clock: ManualClock) -> None:
    made = api.create_cluster(ClusterName="website")["Cluster"]
    assert (made["Status"], "ClusterEndpoints" in made) == ("PENDING", False)
    with pytest.raises(ClientError) as error:
        make_control(api, made["ClusterArn"], "east")
    assert conflict(error)
    clock.advance(minutes=2)
    shown = api.describe_cluster(ClusterArn=made["ClusterArn"])["Cluster"]
    assert (shown["Status"], len(shown["ClusterEndpoints"])) == ("DEPLOYED", 5)
    assert api.list_clusters()["Clusters"] == [shown]
    (panel,) = api.list_control_panels(ClusterArn=made["ClusterArn"])["ControlPanels"]
    assert (panel["Name"], panel["DefaultControlPanel"]) == ("DefaultControlPanel", True)


def test_clusters_are_limited_and_uniquely_named(api: Any) -> None:
    api.create_cluster(ClusterName="one")
    with pytest.raises(ClientError) as error:
        api.create_cluster(ClusterName="one")
    assert conflict(error)
    api.create_cluster(ClusterName="two")
    with pytest.raises(ClientError) as error:
        api.create_cluster(ClusterName="three")
    assert error_code(error.value) == "ServiceQuotaExceededException"


def test_a_new_control_is_off_on_every_endpoint(api: Any, cluster: str) -> None:
    control = make_control(api, cluster, "east")
    for place in nonempty(api.describe_cluster(ClusterArn=cluster)["Cluster"]["ClusterEndpoints"]):
        data_plane = client("route53-recovery-cluster", place["Region"], endpoint_url=place["Endpoint"])
        answer = data_plane.get_routing_control_state(RoutingControlArn=control["RoutingControlArn"])
        assert answer["RoutingControlState"] == "Off"


def test_routing_control_lifecycle(api: Any, cluster: str) -> None:
    panel = api.create_control_panel(ClusterArn=cluster, ControlPanelName="website")["ControlPanel"]["ControlPanelArn"]
    control = make_control(api, cluster, "east", ControlPanelArn=panel)
    arn = control["RoutingControlArn"]
    assert arn.startswith(f"{panel}/routingcontrol/")
    with pytest.raises(ClientError) as error:
        make_control(api, cluster, "east", ControlPanelArn=panel)
    assert conflict(error)
    api.update_routing_control(RoutingControlArn=arn, RoutingControlName="us-east-1")
    api.update_control_panel(ControlPanelArn=panel, ControlPanelName="shop")
    assert api.describe_routing_control(RoutingControlArn=arn)["RoutingControl"]["Name"] == "us-east-1"
    shown = api.describe_control_panel(ControlPanelArn=panel)["ControlPanel"]
    assert (shown["Name"], shown["RoutingControlCount"]) == ("shop", 1)
    assert [c["Name"] for c in api.list_routing_controls(ControlPanelArn=panel)["RoutingControls"]] == ["us-east-1"]
    with pytest.raises(ClientError) as error:
        api.delete_control_panel(ControlPanelArn=panel)
    assert conflict(error)
    with pytest.raises(ClientError) as error:
        api.delete_cluster(ClusterArn=cluster)
    assert conflict(error)
    api.delete_routing_control(RoutingControlArn=arn)
    with pytest.raises(ClientError) as error:
        api.describe_routing_control(RoutingControlArn=arn)
    assert error_code(error.value) == "ResourceNotFoundException"
    api.delete_control_panel(ControlPanelArn=panel)
    api.delete_cluster(ClusterArn=cluster)
    assert (api.list_clusters()["Clusters"], api.list_control_panels()["ControlPanels"]) == ([], [])


def test_assertion_rule_lifecycle(api: Any, cluster: str) -> None:
    controls = [make_control(api, cluster, name) for name in ("east", "west")]
    panel, arns = controls[0]["ControlPanelArn"], [c["RoutingControlArn"] for c in controls]
    wanted = {
        "Name": "never-none",
        "ControlPanelArn": panel,
        "AssertedControls": arns,
        "RuleConfig": {"Type": "ATLEAST", "Threshold": 1, "Inverted": False},
        "WaitPeriodMs": 5000,
    }
    rule = api.create_safety_rule(AssertionRule=wanted)["AssertionRule"]
    assert {k: rule[k] for k in wanted} == wanted
    with pytest.raises(ClientError) as error:
        api.delete_routing_control(RoutingControlArn=arns[0])
    assert conflict(error)
    arn = rule["SafetyRuleArn"]
    api.update_safety_rule(AssertionRuleUpdate={"SafetyRuleArn": arn, "Name": "one", "WaitPeriodMs": 0})
    shown = api.describe_safety_rule(SafetyRuleArn=arn)["AssertionRule"]
    assert (shown["Name"], shown["WaitPeriodMs"]) == ("one", 0)
    assert api.list_safety_rules(ControlPanelArn=panel)["SafetyRules"] == [{"ASSERTION": shown}]
    api.delete_safety_rule(SafetyRuleArn=arn)
    assert api.list_safety_rules(ControlPanelArn=panel)["SafetyRules"] == []


def test_a_gating_rule_shows_gates_and_targets(api: Any, cluster: str) -> None:
    gate, target = (make_control(api, cluster, name) for name in ("gate", "east"))
    wanted = {
        "Name": "by-hand",
        "ControlPanelArn": gate["ControlPanelArn"],
        "GatingControls": [gate["RoutingControlArn"]],
        "TargetControls": [target["RoutingControlArn"]],
        "RuleConfig": {"Type": "OR", "Threshold": 0, "Inverted": True},
        "WaitPeriodMs": 100,
    }
    rule = api.create_safety_rule(GatingRule=wanted)["GatingRule"]
    assert {k: rule[k] for k in wanted} == wanted
    assert api.describe_safety_rule(SafetyRuleArn=rule["SafetyRuleArn"])["GatingRule"]["RuleConfig"]["Inverted"] is True


@pytest.mark.parametrize("what", ["neither", "unknown control", "threshold"])
def test_invalid_rule_is_rejected(api: Any, cluster: str, what: str) -> None:
    control = make_control(api, cluster, "east")
    rule = {
        "Name": "r",
        "ControlPanelArn": control["ControlPanelArn"],
        "AssertedControls": [control["RoutingControlArn"] + ("0" if what == "unknown control" else "")],
        "RuleConfig": {"Type": "ATLEAST", "Threshold": 2 if what == "threshold" else 1, "Inverted": False},
        "WaitPeriodMs": 0,
    }
    with pytest.raises(ClientError) as error:
        api.create_safety_rule(**({} if what == "neither" else {"AssertionRule": rule}))
    assert error_code(error.value) == "ValidationException"


def test_empty_update_is_rejected(api: Any) -> None:
    with pytest.raises(ClientError) as error:
        api.update_safety_rule()
    assert error_code(error.value) == "ValidationException"


def test_lists_are_paginated(api: Any, cluster: str) -> None:
    controls = [make_control(api, cluster, f"c{n}") for n in range(3)]
    panel = controls[0]["ControlPanelArn"]
    pages = api.get_paginator("list_routing_controls").paginate(ControlPanelArn=panel, PaginationConfig={"PageSize": 2})
    assert [len(page["RoutingControls"]) for page in pages] == [2, 1]


def test_tags_are_added_and_removed(api: Any, cluster: str) -> None:
    api.tag_resource(ResourceArn=cluster, Tags={"a": "1", "b": "2"})
    api.untag_resource(ResourceArn=cluster, TagKeys=["a"])
    assert api.list_tags_for_resource(ResourceArn=cluster)["Tags"] == {"b": "2"}
    with pytest.raises(ClientError) as error:
        api.list_tags_for_resource(ResourceArn=cluster + "0")
    assert error_code(error.value) == "ResourceNotFoundException"


def test_control_plane_is_reachable_from_any_region(arc: RoutingControlSimulator, api: Any, cluster: str) -> None:
    elsewhere = client("route53-recovery-control-config", "eu-west-1")
    assert [c["ClusterArn"] for c in elsewhere.list_clusters()["Clusters"]] == [cluster]


def test_health_check_follows_routing_control(
    arc: RoutingControlSimulator, api: Any, cluster: str, clock: ManualClock
) -> None:
    control = make_control(api, cluster, "east")["RoutingControlArn"]
    route53 = client("route53", "us-east-1")

    def make_check(reference: str, **config: Any) -> str:
        check = route53.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]
        assert check["HealthCheckConfig"]["Type"] == config["Type"]
        return str(check["Id"])

    plain = make_check("1", Type="RECOVERY_CONTROL", RoutingControlArn=control)
    inverted = make_check("2", Type="RECOVERY_CONTROL", RoutingControlArn=control, Inverted=True)
    other = make_check("3", Type="HTTP", FullyQualifiedDomainName="example.com", Port=80)
    shown = route53.get_health_check(HealthCheckId=plain)["HealthCheck"]["HealthCheckConfig"]
    assert shown == {"Type": "RECOVERY_CONTROL", "RoutingControlArn": control, "Inverted": False, "Disabled": False}
    answer = api.list_associated_route53_health_checks(RoutingControlArn=control)
    assert answer["HealthCheckIds"] == sorted([plain, inverted])

    made = arc.control_state(control)[1]
    assert arc.health_check_status(plain) == (False, made)
    assert arc.health_check_status(inverted) == (True, made)
    assert arc.health_check_status(other) is None
    clock.advance(minutes=1)
    url = api.describe_cluster(ClusterArn=cluster)["Cluster"]["ClusterEndpoints"][0]["Endpoint"]
    client("route53-recovery-cluster", "us-east-1", endpoint_url=url).update_routing_control_state(
        RoutingControlArn=control, RoutingControlState="On"
    )
    assert arc.health_check_status(plain) == (True, clock.now())
    assert arc.health_check_status(inverted) == (False, clock.now())


def test_recovery_control_health_check_requires_control(arc: RoutingControlSimulator) -> None:
    route53 = client("route53", "us-east-1")
    for config in (
        {"Type": "RECOVERY_CONTROL"},
        {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 80, "RoutingControlArn": "arn:aws:x:::y"},
    ):
        with pytest.raises(ClientError) as error:
            route53.create_health_check(CallerReference="1", HealthCheckConfig=config)
        assert error_code(error.value) == "InvalidInput"


def test_failover_records_keep_health_checks(arc: RoutingControlSimulator, api: Any, cluster: str) -> None:
    control = make_control(api, cluster, "east")["RoutingControlArn"]
    route53 = client("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    config = {"Type": "RECOVERY_CONTROL", "RoutingControlArn": control}
    check = route53.create_health_check(CallerReference="1", HealthCheckConfig=config)["HealthCheck"]["Id"]
    record = {
        "Name": "www.example.com.",
        "Type": "CNAME",
        "SetIdentifier": "east",
        "Failover": "PRIMARY",
        "TTL": 30,
        "ResourceRecords": [{"Value": "east.example.com"}],
        "HealthCheckId": check,
    }
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert [r for r in found if r["Type"] == "CNAME"] == [record]
