"""ELBv2 target health checks. moto reports every registered target as healthy.

After registration, each target is checked every `HealthCheckIntervalSeconds` of its target group. A target is `initial`
until `HealthyThresholdCount` consecutive checks have passed or `UnhealthyThresholdCount` have failed. It is then
`healthy` or `unhealthy`. After deregistration, it is `draining` for the group's deregistration delay.
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
    """The health check state of one registered target."""

    port: int
    state: Literal["initial", "healthy", "unhealthy"] = "initial"
    passed: int = 0
    failed: int = 0


@dataclass(slots=True)
class TargetGroupHealth:
    """The target health of one target group. `draining` maps a deregistered target to the end of its delay."""

    targets: dict[str, RegisteredTarget] = field(default_factory=dict)
    draining: dict[str, datetime] = field(default_factory=dict)


class TargetHealth:
    """The health checks of all target groups of an account. Create it inside `mock_aws`, once per simulation.

    `is_healthy(region, instance_id, port)` returns whether a health check passes now.
    """

    def __init__(self, hooks: BackendHooks, account_id: str, regions: Iterable[str], is_healthy: HealthProbe) -> None:
        install()
        self._hooks = hooks
        self._account_id = account_id
        self._is_healthy = is_healthy
        self._groups: dict[str, TargetGroupHealth] = {}
        for region in regions:
            # Stored on moto's backend, so that a reset of moto removes it.
            elbv2_backends[account_id][region].__dict__[_TARGET_HEALTH] = self

    def assume_healthy(self, target_group_arn: str) -> None:
        """Mark all registered targets as healthy. Use this for targets that exist before the simulation starts."""
        for target in self.target_group(target_group_arn).targets.values():
            target.state = "healthy"

    def healthy_targets(self, target_group_arn: str) -> list[tuple[str, int]]:
        """Return (instance ID, port) of the targets that receive requests, in order of registration."""
        targets = self.target_group(target_group_arn).targets
        return [(target_id, t.port) for target_id, t in targets.items() if t.state == "healthy"]

    def target_group(self, target_group_arn: str) -> TargetGroupHealth:
        """Return the health of a target group, which is empty at first."""
        return self._groups.setdefault(target_group_arn, TargetGroupHealth())

    def register_target(self, moto_group: Any, target_id: str, port: int) -> None:
        """Start health checks of a registered target. Registering a target again has no effect."""
        group = self.target_group(moto_group.arn)
        group.draining.pop(target_id, None)
        if target_id not in group.targets:
            target = group.targets[target_id] = RegisteredTarget(port)
            self._schedule_check(moto_group, target_id, target)

    def deregister_target(self, moto_group: Any, target_id: str) -> None:
        """Stop health checks of a target and start its deregistration delay."""
        group = self.target_group(moto_group.arn)
        group.targets.pop(target_id, None)
        delay = timedelta(seconds=int(moto_group.attributes["deregistration_delay.timeout_seconds"]))
        group.draining[target_id] = self._hooks.now() + delay

    def displayed_state(self, moto_group: Any, target_id: str) -> str | None:
        """Return the state to report, or None to keep the state that moto reports."""
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
    """Patch moto so that DescribeTargetHealth reports the state from `TargetHealth`, if one exists."""
    if hasattr(FakeTargetGroup, _INSTALLED):
        return
    register, deregister, health_for = FakeTargetGroup.register, FakeTargetGroup.deregister, FakeTargetGroup.health_for

    def register_and_check(self: Any, targets: list[dict[str, Any]]) -> None:
        register(self, targets)
        target_health = _find_target_health(self)
        for target in targets if target_health else ():
            target_health.register_target(self, target["Id"], int(target.get("Port") or self.port))

    def deregister_and_drain(self: Any, targets: list[dict[str, Any]]) -> None:
        deregister(self, targets)
        target_health = _find_target_health(self)
        for target in targets if target_health else ():
            target_health.deregister_target(self, target["Id"])

    def health_from_checks(self: Any, target: dict[str, Any], ec2_backend: Any) -> Any:
        reported = health_for(self, target, ec2_backend)
        target_health = _find_target_health(self)
        state = target_health.displayed_state(self, target["Id"]) if target_health else None
        # moto already reports stopped and terminated targets as not healthy.
        if state is None or (reported.status != "healthy" and state != "draining"):
            return reported
        reason, description = _REASONS.get(state, (None, None))
        return FakeHealthStatus(target["Id"], reported.port, reported.health_check_port, state, reason, description)

    FakeTargetGroup.register, FakeTargetGroup.deregister = register_and_check, deregister_and_drain
    FakeTargetGroup.health_for = health_from_checks
    setattr(FakeTargetGroup, _INSTALLED, True)


def _find_target_health(moto_group: Any) -> Any:
    return elbv2_backends[moto_group.account_id][moto_group.region_name].__dict__.get(_TARGET_HEALTH)
