"""ELBv2 target health: moto calls every registered target healthy; here the load balancer checks, and remembers.

Each target is checked every `HealthCheckIntervalSeconds` of its target group from its registration on. It is
`initial` until `HealthyThresholdCount` checks in a row have passed or `UnhealthyThresholdCount` have failed, then
`healthy` or `unhealthy`; after deregistration it is `draining` for the group's deregistration delay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup, elbv2_backends

from leeward.twin.aws.service_framework.backend_hooks import BackendHooks

HealthProbe = Callable[[str, str, int], bool]
_INSTALLED, _TARGET_HEALTH = "twin_fix_installed", "twin_target_health"
_REASONS = {
    "initial": ("Elb.InitialHealthChecking", "Initial health checks in progress"),
    "unhealthy": ("Target.FailedHealthChecks", "Health checks failed"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    "unused": ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"),
}


@dataclass(slots=True)
class RegisteredTarget:
    """What the load balancer has seen of one registered target."""

    port: int
    state: Literal["initial", "healthy", "unhealthy"] = "initial"
    passed: int = 0
    failed: int = 0


@dataclass(slots=True)
class TargetGroupHealth:
    """One target group's memory. `draining` maps a deregistered target to when it is gone."""

    targets: dict[str, RegisteredTarget] = field(default_factory=dict)
    draining: dict[str, datetime] = field(default_factory=dict)


class TargetHealth:
    """The health checks of every load balancer of an account. Make it inside `mock_aws`, once per world.

    `is_healthy(region, instance_id, port)` is what one check finds now.
    """

    def __init__(self, hooks: BackendHooks, account_id: str, regions: Iterable[str], is_healthy: HealthProbe) -> None:
        install()
        self._hooks = hooks
        self._account_id = account_id
        self._is_healthy = is_healthy
        self._groups: dict[str, TargetGroupHealth] = {}
        for region in regions:
            # Kept on moto's backend, so that it ends with moto's state.
            elbv2_backends[account_id][region].__dict__[_TARGET_HEALTH] = self

    def assume_healthy(self, target_group_arn: str) -> None:
        """Every target registered now has passed its checks: for what stood before the world began."""
        for target in self.target_group(target_group_arn).targets.values():
            target.state = "healthy"

    def healthy_targets(self, target_group_arn: str) -> list[tuple[str, int]]:
        """(instance id, port) of the targets that the load balancer sends requests to, in order of registration."""
        targets = self.target_group(target_group_arn).targets
        return [(target_id, t.port) for target_id, t in targets.items() if t.state == "healthy"]

    def target_group(self, target_group_arn: str) -> TargetGroupHealth:
        """The memory of a target group, empty at first."""
        return self._groups.setdefault(target_group_arn, TargetGroupHealth())

    def register_target(self, moto_group: Any, target_id: str, port: int) -> None:
        """A target was registered. Registering it again changes nothing."""
        group = self.target_group(moto_group.arn)
        group.draining.pop(target_id, None)
        if target_id not in group.targets:
            target = group.targets[target_id] = RegisteredTarget(port)
            self._schedule_check(moto_group, target_id, target)

    def deregister_target(self, moto_group: Any, target_id: str) -> None:
        """A target was deregistered; it drains."""
        group = self.target_group(moto_group.arn)
        group.targets.pop(target_id, None)
        delay = timedelta(seconds=int(moto_group.attributes["deregistration_delay.timeout_seconds"]))
        group.draining[target_id] = self._hooks.now() + delay

    def displayed_state(self, moto_group: Any, target_id: str) -> str | None:
        """The state to show, None where moto's own answer stands."""
        group = self.target_group(moto_group.arn)
        if self._hooks.now() < group.draining.get(target_id, self._hooks.now()):
            return "draining"
        target = group.targets.get(target_id)
        if target is None:
            return None
        return target.state if moto_group.load_balancer_arns else "unused"

    def _schedule_check(self, moto_group: Any, target_id: str, target: RegisteredTarget) -> None:
        seconds = int(moto_group.health_check_interval_seconds)
        self._hooks.call_later(
            seconds, partial(self._run_check, moto_group, target_id, target), f"elbv2 {moto_group.name}"
        )

    def _run_check(self, moto_group: Any, target_id: str, target: RegisteredTarget) -> None:
        if self.target_group(moto_group.arn).targets.get(target_id) is not target:
            return
        if self._is_healthy(moto_group.region_name, target_id, target.port):
            target.passed, target.failed = target.passed + 1, 0
            if target.passed >= int(moto_group.healthy_threshold_count):
                target.state = "healthy"
        else:
            target.passed, target.failed = 0, target.failed + 1
            if target.failed >= int(moto_group.unhealthy_threshold_count):
                target.state = "unhealthy"
        self._schedule_check(moto_group, target_id, target)


def install() -> None:
    """DescribeTargetHealth asks the world's `TargetHealth`, where there is one."""
    if hasattr(FakeTargetGroup, _INSTALLED):
        return
    register, deregister, health_for = FakeTargetGroup.register, FakeTargetGroup.deregister, FakeTargetGroup.health_for

    def registering(self: Any, targets: list[dict[str, Any]]) -> None:
        register(self, targets)
        watcher = _find_target_health(self)
        for target in targets if watcher else ():
            watcher.register_target(self, target["Id"], int(target.get("Port") or self.port))

    def deregistering(self: Any, targets: list[dict[str, Any]]) -> None:
        deregister(self, targets)
        watcher = _find_target_health(self)
        for target in targets if watcher else ():
            watcher.deregister_target(self, target["Id"])

    def truthful(self: Any, target: dict[str, Any], ec2_backend: Any) -> Any:
        shown = health_for(self, target, ec2_backend)
        watcher = _find_target_health(self)
        state = watcher.displayed_state(self, target["Id"]) if watcher else None
        # moto knows of targets that are stopped or terminated.
        if state is None or (shown.status != "healthy" and state != "draining"):
            return shown
        reason, description = _REASONS.get(state, (None, None))
        return FakeHealthStatus(target["Id"], shown.port, shown.health_check_port, state, reason, description)

    FakeTargetGroup.register, FakeTargetGroup.deregister = registering, deregistering
    FakeTargetGroup.health_for = truthful
    setattr(FakeTargetGroup, _INSTALLED, True)


def _find_target_health(moto_group: Any) -> Any:
    return elbv2_backends[moto_group.account_id][moto_group.region_name].__dict__.get(_TARGET_HEALTH)
