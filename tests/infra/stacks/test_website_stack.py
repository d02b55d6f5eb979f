"""The website's own stack, where the twin's world depends on it."""

from __future__ import annotations

from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from tests.infra.conftest import Template
from tests.infra.template_queries import resources_of_type
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY


def test_load_balancers_close_connections_as_world_states(website: dict[str, Template]) -> None:
    lifetime = load_world_document(REPOSITORY / "workloads", "website").users.connection_lifetime
    assert lifetime is not None
    stacks = [template for name, template in website.items() if "workload" in name]
    assert len(stacks) == 2
    for template in stacks:
        (balancer,) = resources_of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
        attributes = {each["Key"]: each["Value"] for each in balancer["LoadBalancerAttributes"]}
        assert attributes["client_keep_alive.seconds"] == str(int(lifetime.total_seconds()))


def test_load_balancers_and_servers_have_deletion_protection(website: dict[str, Template]) -> None:
    stacks = [template for name, template in website.items() if "workload" in name]
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    balancers = [each for template in stacks for each in resources_of_type(template, kind).values()]
    for each in nonempty(balancers):
        assert {"Key": "deletion_protection.enabled", "Value": "true"} in each["LoadBalancerAttributes"]
    servers = [each for template in stacks for each in resources_of_type(template, "AWS::EC2::Instance").values()]
    assert all(each["DisableApiTermination"] is True for each in nonempty(servers))
