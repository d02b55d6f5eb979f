"""Route 53 health checks of type RECOVERY_CONTROL: moto forgets the routing control that they stand for."""

from __future__ import annotations

from typing import Any

from moto.route53.exceptions import InvalidInput
from moto.route53.models import HealthCheck, route53_backends
from moto.route53.responses import Route53

RECOVERY_CONTROL = "RECOVERY_CONTROL"
_INSTALLED = "twin_fix_installed"


def install() -> None:
    """CreateHealthCheck keeps RoutingControlArn, and the answers of Get and List show it."""
    if hasattr(HealthCheck, _INSTALLED):
        return
    create, config = Route53.create_health_check, HealthCheck.health_check_config.fget

    def create_health_check(self: Any) -> Any:
        wanted = self._get_param("HealthCheckConfig")
        control = wanted.get("RoutingControlArn")
        if (wanted["Type"] == RECOVERY_CONTROL) != bool(control):
            raise InvalidInput("RoutingControlArn belongs to health checks of type RECOVERY_CONTROL, and to no other")
        result = create(self)
        result.result["HealthCheck"].routing_control_arn = control
        return result

    def health_check_config(self: Any) -> dict[str, Any]:
        if self.type_ != RECOVERY_CONTROL:
            return dict(config(self))
        return {
            "Type": RECOVERY_CONTROL,
            "RoutingControlArn": self.routing_control_arn,
            "Inverted": self.inverted,
            "Disabled": self.disabled,
        }

    Route53.create_health_check = create_health_check
    HealthCheck.health_check_config = property(health_check_config)
    HealthCheck.routing_control_arn = None
    setattr(HealthCheck, _INSTALLED, True)


def routing_control_of(account_id: str, health_check_id: str) -> tuple[str, bool] | None:
    """The ARN of the routing control behind a health check, and whether the check is inverted.

    None for a check of another type. Raises KeyError for one that does not exist.
    """
    check = route53_backends[account_id]["aws"].health_checks[health_check_id]
    arn = getattr(check, "routing_control_arn", None)
    return (arn, bool(check.inverted)) if arn else None


def health_checks_of_control(account_id: str, routing_control_arn: str) -> list[str]:
    """The ids of the health checks that stand for a routing control, sorted."""
    checks = route53_backends[account_id]["aws"].health_checks.values()
    return sorted(c.id for c in checks if getattr(c, "routing_control_arn", None) == routing_control_arn)
