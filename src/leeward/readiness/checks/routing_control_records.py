"""Check that Route 53 records follow the routing controls through health checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leeward.readiness.lookups.route53_records import HealthCheckConfigs, find_record_sets, list_health_checks
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check that each routing control has an enabled health check, and that each Region's record uses it."""
    if not inputs.controls and not inputs.records:
        return
    checks = list_health_checks(clients)
    for region, arn in sorted(inputs.controls.items()):
        yield _check_control(region, arn, checks)
    for record in inputs.records:
        yield from _check_record(record, inputs, clients, checks)


def _check_control(region: str, arn: str, checks: HealthCheckConfigs) -> ReadinessFinding:
    check = "names.health_check"
    fix = f"create a Route 53 health check of type RECOVERY_CONTROL for {arn}, neither inverted nor disabled"
    configs = [config for config in checks.values() if config.get("RoutingControlArn") == arn]
    if not configs:
        return failed(check, region, "no health check uses its routing control", fix)
    problems = [flag for config in configs for flag in ("Inverted", "Disabled") if config.get(flag)]
    if problems:
        return failed(check, region, f"its health check is {', '.join(problems).lower()}", fix)
    return ok(check, region, "a health check uses its routing control")


def _check_record(
    record: str, inputs: ReadinessInput, clients: CheckClients, checks: HealthCheckConfigs
) -> Iterator[ReadinessFinding]:
    record_sets = find_record_sets(clients, record)
    if record_sets is None:
        yield failed(
            "names.record",
            record,
            "no hosted zone contains it",
            "create the hosted zone, or correct the record in application.yaml",
        )
        return
    for region, arn in sorted(inputs.controls.items()):
        regional_sets = [
            record_set
            for record_set in record_sets
            if record_set.get("SetIdentifier") == region or _follows_control(record_set, arn, checks)
        ]
        if not regional_sets:
            fix = f"add a failover record of {record} for {region} with the Region's health check"
            yield failed("names.record", f"{record} in {region}", "this Region has no record", fix)
        elif not any(_follows_control(record_set, arn, checks) for record_set in regional_sets):
            fix = f"put the health check of {region}'s routing control on the record"
            detail = "the record does not use the health check of its routing control"
            yield failed("names.record", f"{record} in {region}", detail, fix)
        else:
            yield ok("names.record", f"{record} in {region}", "it follows its routing control")


def _follows_control(record: Mapping[str, Any], arn: str, checks: HealthCheckConfigs) -> bool:
    """Return whether the record uses the control's health check, directly or through a calculated health check."""
    config = checks.get(str(record.get("HealthCheckId")), {})
    followed = [config, *(checks.get(str(child), {}) for child in config.get("ChildHealthChecks", ()))]
    return any(each.get("RoutingControlArn") == arn for each in followed)


CHECK = ReadinessCheck("names", check)
