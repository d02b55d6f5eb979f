"""Route 53 health checks of type RECOVERY_CONTROL. moto doesn't store their routing control."""

from __future__ import annotations

from typing import Any

from moto.route53.exceptions import InvalidInput
from moto.route53.models import HealthCheck, route53_backends
from moto.route53.responses import Route53

from leeward.twin.patching.attribute_replacement import add_attribute, replace_attribute

RECOVERY_CONTROL = "RECOVERY_CONTROL"


def store_routing_control() -> None:
    """Store RoutingControlArn, and return it in GetHealthCheck and ListHealthChecks. Unpatched moto ignores it."""

    def create_health_check(self: Any) -> Any:
        request = self._get_param("HealthCheckConfig")
        control = request.get("RoutingControlArn")
        if (request["Type"] == RECOVERY_CONTROL) != bool(control):
            raise InvalidInput("RoutingControlArn belongs to health checks of type RECOVERY_CONTROL, and to no other")
        result = create(self)
        result.result["HealthCheck"].routing_control_arn = control
        return result

    def health_check_config(self: Any) -> dict[str, Any]:
        if self.type_ != RECOVERY_CONTROL:
            return dict(config.fget(self))
        return {
            "Type": RECOVERY_CONTROL,
            "RoutingControlArn": self.routing_control_arn,
            "Inverted": self.inverted,
            "Disabled": self.disabled,
        }

    create = replace_attribute(Route53, "create_health_check", create_health_check)
    config = replace_attribute(HealthCheck, "health_check_config", property(health_check_config))
    add_attribute(HealthCheck, "routing_control_arn", None)


def routing_control_of(account_id: str, health_check_id: str) -> tuple[str, bool] | None:
    """Return the ARN of a health check's routing control, and whether the check is inverted.

    Returns None for a health check of another type. Raises KeyError when the health check doesn't exist.
    """
    check = route53_backends[account_id]["aws"].health_checks[health_check_id]
    arn = getattr(check, "routing_control_arn", None)
    return (arn, bool(check.inverted)) if arn else None


def health_checks_of_control(account_id: str, routing_control_arn: str) -> list[str]:
    """Return the sorted IDs of the health checks for a routing control."""
    checks = route53_backends[account_id]["aws"].health_checks.values()
    return sorted(c.id for c in checks if getattr(c, "routing_control_arn", None) == routing_control_arn)
