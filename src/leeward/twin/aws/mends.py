"""Where moto's answers for EC2, ELBv2 and Route 53 are mended: installed once per process, inert until a world asks."""

from __future__ import annotations

from leeward.twin.aws import health_checks, instance_status, target_health


def install() -> None:
    """Calling it again changes nothing."""
    health_checks.mend()
    instance_status.mend()
    target_health.mend()
