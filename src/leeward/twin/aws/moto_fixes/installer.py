"""Where moto's answers for EC2, ELBv2 and Route 53 are mended: installed once per process, inert until a world asks."""

from __future__ import annotations

from leeward.twin.aws.moto_fixes import ec2_status_checks, elbv2_target_health, route53_health_checks


def install_all() -> None:
    """Calling it again changes nothing."""
    route53_health_checks.install()
    ec2_status_checks.install()
    elbv2_target_health.install()
