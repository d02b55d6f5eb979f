"""The steps that the callers run at the same time: one that launches servers, and some that move users."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leeward.twin.aws.seeded_services.elbv2_load_balancers import (
    HealthCheckSettings,
    seed_load_balancer,
    seed_target_group,
)
from tests.support.task_world import (
    ACCOUNT,
    CONTROLS,
    ENDPOINTS,
    ORIGIN,
    TARGET,
    TARGET_GROUP,
    TaskWorld,
    recover_parameters,
    server_group,
)

SERVER_COUNT = 3
GROUPS = ("web", "database")
_TARGET_GROUPS = {"web": TARGET_GROUP, "database": TARGET_GROUP.replace("website-home", "website-data")[:-1] + "2"}


@dataclass(frozen=True)
class SharedStep:
    """A step of which two polls and a second run may be under way at once.

    `prepare` makes what the step needs. `is_reached` returns whether AWS is as the step must leave it.
    """

    task: str
    kind: str
    parameters: dict[str, Any]
    prepare: Callable[[TaskWorld], object]
    is_reached: Callable[[TaskWorld], bool]

    def __repr__(self) -> str:
        return self.kind


def _no_preparation(_world: TaskWorld) -> None:
    pass


def _are_recovered(world: TaskWorld) -> bool:
    return len(world.recovered_servers()) == SERVER_COUNT


def _recover_first(world: TaskWorld) -> None:
    world.load_balancer()
    arn = _TARGET_GROUPS["database"]
    seed_target_group(arn, port=80, health_check=HealthCheckSettings(interval=10, healthy_threshold=3))
    seed_load_balancer(ACCOUNT, TARGET, f"data.{TARGET}.elb.amazonaws.com", {"/*": arn})
    world.run_until_done("drs_recover", step="launch", longest=600, **recover_parameters(GROUPS))


def _are_registered(world: TaskWorld) -> bool:
    found = [
        target["Target"]["Id"]
        for arn in _TARGET_GROUPS.values()
        for target in world.client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    ]
    return sorted(found) == sorted(i.ec2_instance_id for i in world.drs.recovery_instances(TARGET))


def _are_switched(world: TaskWorld) -> bool:
    return [world.arc.control_state(CONTROLS[region])[0] for region in (ORIGIN, TARGET)] == ["Off", "On"]


RECOVER = SharedStep("drs_recover", "drs.recover", recover_parameters(GROUPS), _no_preparation, _are_recovered)
REGISTER = SharedStep(
    "alb_register",
    "alb.register",
    {
        "targets": [
            {"target_group_arn": arn, "port": 80, "group": server_group(role)} for role, arn in _TARGET_GROUPS.items()
        ]
    },
    _recover_first,
    _are_registered,
)
ROUTE = SharedStep(
    "arc_route",
    "arc.route",
    {
        "endpoints": ENDPOINTS,
        "turn_on": [CONTROLS[TARGET]],
        "turn_off": [CONTROLS[ORIGIN]],
        "safety_rules_to_override": [],
    },
    _no_preparation,
    _are_switched,
)
STEPS = (RECOVER, REGISTER, ROUTE)
