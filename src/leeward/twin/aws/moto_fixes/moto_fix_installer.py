"""Installs the fixes for moto's Route 53, EC2 status, and ELBv2 responses."""

from __future__ import annotations

from leeward.twin.aws.moto_fixes import ec2_status_checks, elbv2_target_health, route53_health_checks


def install_all() -> None:
    """Install the fixes. Calling this function again has no effect."""
    route53_health_checks.install()
    ec2_status_checks.install()
    elbv2_target_health.install()
