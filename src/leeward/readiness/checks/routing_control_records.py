"""Do users' names lead where the routing says? Records and health checks, as Route 53 keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leeward.readiness.lookups.route53_records import HealthCheckConfigs, find_record_sets, list_health_checks
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok
from leeward.readiness.model.readiness_input import ReadinessInput


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Each routing control has a health check that is on, and each record has an answer per Region that hangs on it."""
    if not inputs.controls and not inputs.records:
        return
    checks = list_health_checks(clients)
    for region, arn in sorted(inputs.controls.items()):
        yield _check_control(region, arn, checks)
    for record in inputs.records:
        yield from _check_record(record, inputs, clients, checks)


def _check_control(region: str, arn: str, checks: HealthCheckConfigs) -> ReadinessFinding:
    check = "names.health_check"
    fix = f"make a Route 53 health check of type RECOVERY_CONTROL for {arn}, neither inverted nor disabled"
    own = [config for config in checks.values() if config.get("RoutingControlArn") == arn]
    if not own:
        return failed(check, region, "no health check stands for its routing control", fix)
    wrong = [word for config in own for word in ("Inverted", "Disabled") if config.get(word)]
    if wrong:
        return failed(check, region, f"its health check is {', '.join(wrong).lower()}", fix)
    return ok(check, region, "a health check follows its routing control")


def _check_record(
    record: str, inputs: ReadinessInput, clients: CheckClients, checks: HealthCheckConfigs
) -> Iterator[ReadinessFinding]:
    sets = find_record_sets(clients, record)
    if sets is None:
        yield failed("names.record", record, "there is no hosted zone for it", "create the zone, or correct the record")
        return
    for region, arn in sorted(inputs.controls.items()):
        own = [s for s in sets if s.get("SetIdentifier") == region or _follows_control(s, arn, checks)]
        if not own:
            fix = f"add a failover record of {record} for {region} with its health check"
            yield failed("names.record", f"{record} in {region}", "no record leads there", fix)
        elif not any(_follows_control(s, arn, checks) for s in own):
            fix = f"put the health check of {region}'s routing control on the record"
            told = "the record does not hang on its routing control's health check"
            yield failed("names.record", f"{record} in {region}", told, fix)
        else:
            yield ok("names.record", f"{record} in {region}", "it hangs on its routing control")


def _follows_control(record: Mapping[str, Any], arn: str, checks: HealthCheckConfigs) -> bool:
    """By its own health check, or by one that is calculated of the control's and the endpoint's."""
    own = checks.get(str(record.get("HealthCheckId")), {})
    followed = [own, *(checks.get(str(child), {}) for child in own.get("ChildHealthChecks", ()))]
    return any(each.get("RoutingControlArn") == arn for each in followed)
