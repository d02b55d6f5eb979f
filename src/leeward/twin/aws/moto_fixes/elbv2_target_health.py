"""ELBv2 target health checks. moto reports every registered target as healthy.

After registration, each target is checked every `HealthCheckIntervalSeconds` of its target group. A target is `initial`
until `HealthyThresholdCount` consecutive checks have passed or `UnhealthyThresholdCount` have failed. It is then
`healthy` or `unhealthy`. After deregistration, it is `draining` for the group's deregistration delay.

With `RealismPart.HEALTH_CHECK_TIMING`, the first check takes place at a drawn time within the interval. A failed check
lasts until `HealthCheckTimeoutSeconds`. It doesn't delay the next check (Elastic Load Balancing, "Health checks for
your target groups": the response time doesn't affect the interval). The load balancer's routing follows a changed state
after a drawn delay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup, elbv2_backends

from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from leeward.twin.patching.attribute_replacement import replace_attribute
from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws

HealthProbe = Callable[[str, str, int], bool]
_TARGET_HEALTH = "twin_target_health"
# Assumed: the time from a changed state until the load balancer's routing follows it. AWS publishes no figure.
_ROUTING_DELAY_SECONDS = (0.5, 2.0)
_REASONS = {
    "initial": ("Elb.InitialHealthChecking", "Initial health checks in progress"),
    "unhealthy": ("Target.FailedHealthChecks", "Health checks failed"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    "unused": ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"),
}


@dataclass(slots=True)
class RegisteredTarget:
    """The health check state of one registered target. `receives_requests` follows `state` after a delay."""

    port: int
    state: Literal["initial", "healthy", "unhealthy"] = "initial"
    receives_requests: bool = False
    passed: int = 0
    failed: int = 0


@dataclass(slots=True)
class TargetGroupHealth:
    """The target health of one target group. `draining` maps a deregistered target to the end of its delay."""

    targets: dict[str, RegisteredTarget] = field(default_factory=dict)
    draining: dict[str, datetime] = field(default_factory=dict)


class TargetHealth:
    """The health checks of all target groups of an account. Create it inside `mock_aws`, once per simulation.

    `is_healthy(region, instance_id, port)` returns whether a health check passes now. `seed` is the seed of the drawn
    times.
    """

    def __init__(
        self,
        hooks: BackendHooks,
        account_id: str,
        regions: Iterable[str],
        is_healthy: HealthProbe,
        *,
        realism: Realism | None = None,
        seed: int = 0,
    ) -> None:
        self._has_timing = (realism or Realism()).has(RealismPart.HEALTH_CHECK_TIMING)
        self._draws = SeededDraws(seed, "elbv2 target health")
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
            target.state, target.receives_requests = "healthy", True

    def healthy_targets(self, target_group_arn: str) -> list[tuple[str, int]]:
        """Return (instance ID, port) of the targets that receive requests, in order of registration."""
        targets = self.target_group(target_group_arn).targets
        return [(target_id, t.port) for target_id, t in targets.items() if t.receives_requests]

    def target_group(self, target_group_arn: str) -> TargetGroupHealth:
        """Return the health of a target group, which is empty at first."""
        return self._groups.setdefault(target_group_arn, TargetGroupHealth())

    def register_target(self, moto_group: Any, target_id: str, port: int) -> None:
        """Start health checks of a registered target. Registering a target again has no effect."""
        group = self.target_group(moto_group.arn)
        group.draining.pop(target_id, None)
        if target_id not in group.targets:
            target = group.targets[target_id] = RegisteredTarget(port)
            interval = int(moto_group.health_check_interval_seconds)
            first_delay = self._draws.uniform(f"{moto_group.arn} {target_id}", 0, interval)
            self._schedule_check(moto_group, target_id, target, first_delay if self._has_timing else interval)

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

    def _schedule_check(self, moto_group: Any, target_id: str, target: RegisteredTarget, seconds: float) -> None:
        run_check = partial(self._run_check, moto_group, target_id, target)
        self._hooks.call_later(seconds, run_check, f"elbv2 {moto_group.name}")

    def _run_check(self, moto_group: Any, target_id: str, target: RegisteredTarget) -> None:
        if not self._is_registered(moto_group, target_id, target):
            return
        has_passed = self._is_healthy(moto_group.region_name, target_id, target.port)
        record_result = partial(self._record_result, moto_group, target_id, target, has_passed)
        if has_passed or not self._has_timing:
            record_result()
        else:
            timeout = int(moto_group.health_check_timeout_seconds)
            self._hooks.call_later(timeout, record_result, f"elbv2 {moto_group.name}")
        self._schedule_check(moto_group, target_id, target, int(moto_group.health_check_interval_seconds))

    def _record_result(self, moto_group: Any, target_id: str, target: RegisteredTarget, has_passed: bool) -> None:
        if not self._is_registered(moto_group, target_id, target):
            return
        if has_passed:
            target.passed, target.failed = target.passed + 1, 0
            if target.passed >= int(moto_group.healthy_threshold_count):
                target.state = "healthy"
        else:
            target.passed, target.failed = 0, target.failed + 1
            if target.failed >= int(moto_group.unhealthy_threshold_count):
                target.state = "unhealthy"
        if target.receives_requests != (target.state == "healthy"):
            self._update_routing(target, f"{moto_group.arn} {target_id} routing")

    def _update_routing(self, target: RegisteredTarget, draw_key: str) -> None:
        def follow_state() -> None:
            target.receives_requests = target.state == "healthy"

        if self._has_timing:
            self._hooks.call_later(
                self._draws.uniform(draw_key, *_ROUTING_DELAY_SECONDS), follow_state, "elbv2 routing"
            )
        else:
            follow_state()

    def _is_registered(self, moto_group: Any, target_id: str, target: RegisteredTarget) -> bool:
        return self.target_group(moto_group.arn).targets.get(target_id) is target


def report_checked_health() -> None:
    """Report the health that `TargetHealth` has found. Unpatched moto reports each running target as healthy."""

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

    register = replace_attribute(FakeTargetGroup, "register", register_and_check)
    deregister = replace_attribute(FakeTargetGroup, "deregister", deregister_and_drain)
    health_for = replace_attribute(FakeTargetGroup, "health_for", health_from_checks)


def _find_target_health(moto_group: Any) -> Any:
    return elbv2_backends[moto_group.account_id][moto_group.region_name].__dict__.get(_TARGET_HEALTH)
