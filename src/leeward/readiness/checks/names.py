"""Do users' names lead where the routing says? Records and health checks, as Route 53 keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leeward.readiness.findings import Finding, failed, ok
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject
from leeward.readiness.zones import Checks, health_checks, record_sets


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """Each routing control has a health check that is on, and each record has an answer per Region that hangs on it."""
    if not subject.controls and not subject.records:
        return
    checks = health_checks(reach)
    for region, arn in sorted(subject.controls.items()):
        yield _of_control(region, arn, checks)
    for record in subject.records:
        yield from _record(record, subject, reach, checks)


def _of_control(region: str, arn: str, checks: Checks) -> Finding:
    check = "names.health_check"
    fix = f"make a Route 53 health check of type RECOVERY_CONTROL for {arn}, neither inverted nor disabled"
    own = [config for config in checks.values() if config.get("RoutingControlArn") == arn]
    if not own:
        return failed(check, region, "no health check stands for its routing control", fix)
    wrong = [word for config in own for word in ("Inverted", "Disabled") if config.get(word)]
    if wrong:
        return failed(check, region, f"its health check is {', '.join(wrong).lower()}", fix)
    return ok(check, region, "a health check follows its routing control")


def _record(record: str, subject: Subject, reach: Reach, checks: Checks) -> Iterator[Finding]:
    sets = record_sets(reach, record)
    if sets is None:
        yield failed("names.record", record, "there is no hosted zone for it", "create the zone, or correct the record")
        return
    for region, arn in sorted(subject.controls.items()):
        own = [s for s in sets if s.get("SetIdentifier") == region or _follows(s, arn, checks)]
        if not own:
            fix = f"add a failover record of {record} for {region} with its health check"
            yield failed("names.record", f"{record} in {region}", "no record leads there", fix)
        elif not any(_follows(s, arn, checks) for s in own):
            fix = f"put the health check of {region}'s routing control on the record"
            told = "the record does not hang on its routing control's health check"
            yield failed("names.record", f"{record} in {region}", told, fix)
        else:
            yield ok("names.record", f"{record} in {region}", "it hangs on its routing control")


def _follows(record: Mapping[str, Any], arn: str, checks: Checks) -> bool:
    """By its own health check, or by one that is calculated of the control's and the endpoint's."""
    own = checks.get(str(record.get("HealthCheckId")), {})
    followed = [own, *(checks.get(str(child), {}) for child in own.get("ChildHealthChecks", ()))]
    return any(each.get("RoutingControlArn") == arn for each in followed)
