"""Load balancers of given names, and the health of their targets as checks find it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.twin.aws.moto_fixes.elbv2_target_health import TargetHealth
from leeward.twin.aws.seeded_services.elbv2_load_balancers import (
    HealthCheckSettings,
    seed_load_balancer,
    seed_target_group,
)
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from leeward.twin.realism.realism_settings import Realism
from tests.twin.aws.drs_world import A, ManualClock, client, error_code

HOME = f"arn:aws:elasticloadbalancing:{A}:123456789012:targetgroup/website-home/0a1b2c3d4e5f6071"
CATALOGUE = f"arn:aws:elasticloadbalancing:{A}:123456789012:targetgroup/website-catalogue/2c3d4e5f60718293"
NAME = f"website-1234567890.{A}.elb.amazonaws.com"


class Balanced:
    """One load balancer and one instance that may or may not serve."""

    def __init__(self, clock: ManualClock, realism: Realism | None = None, seed: int = 0) -> None:
        self.clock = clock
        self.serving = True
        self.asked: list[tuple[str, str, int]] = []
        self.health = TargetHealth(
            BackendHooks(clock.now, clock.later, Random(7)),
            "123456789012",
            [A],
            self.is_healthy,
            realism=realism,
            seed=seed,
        )
        seed_target_group(HOME, port=80, health_check=HealthCheckSettings(interval=10, healthy_threshold=3))
        seed_target_group(CATALOGUE, port=8080)
        self.arn = seed_load_balancer("123456789012", A, NAME, {"/*": HOME, "/catalogue*": CATALOGUE})
        self.elb, self.ec2 = client("elbv2", A), client("ec2", A)
        started = self.ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
        self.instance_id = str(started["Instances"][0]["InstanceId"])

    def is_healthy(self, region: str, instance_id: str, port: int) -> bool:
        self.asked.append((region, instance_id, port))
        return self.serving

    def register(self, arn: str = HOME, **options: int) -> None:
        self.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": self.instance_id, **options}])

    def deregister(self) -> None:
        self.elb.deregister_targets(TargetGroupArn=HOME, Targets=[{"Id": self.instance_id}])

    def shown(self, arn: str = HOME) -> dict[str, Any]:
        targets = [{"Id": self.instance_id}]
        answer = self.elb.describe_target_health(TargetGroupArn=arn, Targets=targets)
        return dict(answer["TargetHealthDescriptions"][0]["TargetHealth"])


@pytest.fixture
def balanced(clock: ManualClock) -> Balanced:
    return Balanced(clock, Realism.none())


def test_load_balancers_have_given_names(balanced: Balanced) -> None:
    elb = balanced.elb
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    assert (balancer["DNSName"], balancer["LoadBalancerArn"]) == (NAME, balanced.arn)
    assert balancer["State"]["Code"] == "active"
    groups = elb.describe_target_groups(TargetGroupArns=[HOME, CATALOGUE])["TargetGroups"]
    assert {(g["TargetGroupArn"], g["Port"], *g["LoadBalancerArns"]) for g in groups} == {
        (HOME, 80, balanced.arn),
        (CATALOGUE, 8080, balanced.arn),
    }
    (listener,) = elb.describe_listeners(LoadBalancerArn=balanced.arn)["Listeners"]
    rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    routes = {
        r["Conditions"][0]["Values"][0] if r["Conditions"] else "default": r["Actions"][0]["TargetGroupArn"]
        for r in rules
    }
    assert routes == {"/catalogue*": CATALOGUE, "default": HOME}


def test_target_group_requires_target_group_arn() -> None:
    with pytest.raises(ValueError, match="not the ARN of a target group"):
        seed_target_group("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/x/1", port=80)


def test_a_target_is_healthy_after_enough_checks(balanced: Balanced) -> None:
    balanced.register()
    assert balanced.shown() == {
        "State": "initial",
        "Reason": "Elb.InitialHealthChecking",
        "Description": "Initial health checks in progress",
    }
    balanced.clock.advance(seconds=29)
    assert balanced.shown()["State"] == "initial"
    assert balanced.health.healthy_targets(HOME) == []
    balanced.clock.advance(seconds=1)
    assert balanced.shown() == {"State": "healthy"}
    assert balanced.health.healthy_targets(HOME) == [(balanced.instance_id, 80)]
    assert balanced.asked == [(A, balanced.instance_id, 80)] * 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_first_check_takes_place_within_interval(clock: ManualClock, seed: int) -> None:
    balanced = Balanced(clock, seed=seed)
    balanced.register()
    registered_at = clock.now()
    while not balanced.asked:
        clock.advance(seconds=0.1)
    assert 0 < (clock.now() - registered_at).total_seconds() < 9.9


def test_failed_check_lasts_until_timeout(clock: ManualClock) -> None:
    """With checks every 10 s and a timeout of 5 s, the second failure is known 5 s after the second check began."""
    balanced = Balanced(clock, seed=1)
    balanced.serving = False
    balanced.register()
    while len(balanced.asked) < 2:
        clock.advance(seconds=0.1)
    clock.advance(seconds=4.5)
    assert balanced.shown()["State"] == "initial"
    clock.advance(seconds=0.6)
    assert balanced.shown()["State"] == "unhealthy"


def test_routing_follows_state_after_delay(clock: ManualClock) -> None:
    balanced = Balanced(clock, seed=1)
    balanced.register()
    while balanced.shown()["State"] == "initial":
        clock.advance(seconds=0.1)
    assert balanced.health.healthy_targets(HOME) == []
    clock.advance(seconds=2)
    assert balanced.health.healthy_targets(HOME) == [(balanced.instance_id, 80)]
    balanced.serving = False
    while balanced.shown()["State"] == "healthy":
        clock.advance(seconds=0.1)
    assert balanced.health.healthy_targets(HOME) == [(balanced.instance_id, 80)]
    clock.advance(seconds=2)
    assert balanced.health.healthy_targets(HOME) == []


def test_failing_target_is_unhealthy_until_it_serves(balanced: Balanced) -> None:
    balanced.serving = False
    balanced.register()
    balanced.clock.advance(seconds=19)
    assert balanced.shown()["State"] == "initial"
    balanced.clock.advance(seconds=1)
    assert (balanced.shown()["State"], balanced.shown()["Reason"]) == ("unhealthy", "Target.FailedHealthChecks")
    balanced.serving = True
    balanced.clock.advance(seconds=30)
    assert balanced.shown()["State"] == "healthy"


def test_one_failed_check_does_not_make_a_target_unhealthy(balanced: Balanced) -> None:
    balanced.register()
    balanced.clock.advance(seconds=30)
    balanced.serving = False
    balanced.clock.advance(seconds=10)
    assert balanced.shown()["State"] == "healthy"
    balanced.clock.advance(seconds=10)
    assert balanced.shown()["State"] == "unhealthy"


def test_deregistered_target_drains_without_checks(balanced: Balanced) -> None:
    balanced.register()
    balanced.clock.advance(seconds=30)
    balanced.deregister()
    assert balanced.shown()["State"] == "draining"
    assert balanced.health.healthy_targets(HOME) == []
    checks = len(balanced.asked)
    balanced.clock.advance(seconds=30)
    assert (balanced.shown()["State"], balanced.shown()["Reason"]) == ("unused", "Target.NotRegistered")
    assert len(balanced.asked) == checks
    balanced.register()
    assert balanced.shown()["State"] == "initial"


def test_repeated_registration_keeps_health(balanced: Balanced) -> None:
    balanced.register()
    balanced.clock.advance(seconds=30)
    balanced.register()
    assert balanced.shown()["State"] == "healthy"
    balanced.clock.advance(seconds=10)
    assert len(balanced.asked) == 4


def test_target_keeps_registered_port(balanced: Balanced) -> None:
    balanced.register(Port=81)
    balanced.clock.advance(seconds=10)
    assert balanced.asked == [(A, balanced.instance_id, 81)]


def test_assumed_healthy_target_is_healthy(balanced: Balanced) -> None:
    balanced.register()
    balanced.health.assume_healthy(HOME)
    assert balanced.shown()["State"] == "healthy"


def test_target_group_without_load_balancer_is_unused(balanced: Balanced) -> None:
    lonely = HOME.replace("website-home", "lonely")
    seed_target_group(lonely, port=80)
    balanced.register(lonely)
    balanced.clock.advance(minutes=5)
    assert (balanced.shown(lonely)["State"], balanced.shown(lonely)["Reason"]) == ("unused", "Target.NotInUse")


def test_stopped_instance_is_unused(balanced: Balanced) -> None:
    balanced.register()
    balanced.clock.advance(seconds=30)
    balanced.ec2.stop_instances(InstanceIds=[balanced.instance_id])
    assert (balanced.shown()["State"], balanced.shown()["Reason"]) == ("unused", "Target.InvalidState")


def test_unknown_target_group_is_rejected(balanced: Balanced) -> None:
    with pytest.raises(ClientError) as error:
        balanced.elb.describe_target_health(TargetGroupArn=HOME + "0")
    assert error_code(error.value) == "TargetGroupNotFound"


def test_moto_reports_healthy_without_simulated_checks() -> None:
    """And says healthy at once: if it no longer does, this mend can be thought over."""
    seed_target_group(HOME, port=80)
    seed_load_balancer("123456789012", A, NAME, {"/*": HOME})
    instance_id = client("ec2", A).run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    elb = client("elbv2", A)
    elb.register_targets(TargetGroupArn=HOME, Targets=[{"Id": instance_id}])
    (shown,) = elb.describe_target_health(TargetGroupArn=HOME)["TargetHealthDescriptions"]
    assert shown["TargetHealth"] == {"State": "healthy"}
