"""Check that Route 53 records and their health checks match application.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leeward.common.errors import NotFound
from leeward.readiness.lookups.route53_records import HealthCheckConfigs, find_record_sets, list_health_checks
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import DeclaredRecords, ReadinessInput, RegionalApi


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check each API's health checks, and the record of each Region in the active routing."""
    if not inputs.apis and not inputs.record_sets:
        return
    checks = list_health_checks(clients)
    for api in inputs.apis:
        for region, check in sorted(api.health_checks.items()):
            yield _check_health_check(api, region, check, checks)
    for declared in inputs.record_sets:
        yield from _check_records(declared, clients)


def _check_health_check(api: RegionalApi, region: str, check_id: str, checks: HealthCheckConfigs) -> ReadinessFinding:
    check, subject = "names.health_check", f"{check_id} of {region}"
    fix = "redeploy the application's DNS stack, or correct the ID in application.yaml"
    config = checks.get(check_id)
    if config is None:
        return failed(check, subject, "the health check does not exist, so Route 53 treats its record as healthy", fix)
    expected = {
        "FullyQualifiedDomainName": f"{region}.{api.domain}",
        "ResourcePath": api.path,
        "RequestInterval": api.interval_seconds,
        "FailureThreshold": api.threshold,
    }
    differences = [
        f"{key} is {config.get(key)}, not {value}" for key, value in expected.items() if config.get(key) != value
    ]
    differences += [f"it is {word.lower()}" for word in ("Inverted", "Disabled") if config.get(word)]
    if differences:
        return failed(check, subject, "; ".join(differences), fix)
    return ok(check, subject, f"it requests {expected['FullyQualifiedDomainName']}{api.path}")


def _check_records(declared: DeclaredRecords, clients: CheckClients) -> Iterator[ReadinessFinding]:
    check, fix = "names.record", "redeploy the application's DNS stack, or correct application.yaml"
    try:
        sets = find_record_sets(clients, declared.record, declared.zone)
    except NotFound:
        yield failed(check, declared.record, f"the hosted zone {declared.zone} does not exist", fix)
        return
    records = {record.get("SetIdentifier"): record for record in sets or ()}
    for region, identifier in sorted(declared.identifiers.items()):
        subject = f"{declared.record} in {region}"
        record = records.get(identifier)
        if record is None:
            yield failed(check, subject, f"the record {identifier} does not exist, so no users reach this Region", fix)
            continue
        differences = list(_record_differences(declared, region, record))
        if differences:
            yield failed(check, subject, "; ".join(differences), fix)
        else:
            yield ok(check, subject, f"it resolves to {declared.values[region]}")


def _record_differences(declared: DeclaredRecords, region: str, actual: Mapping[str, Any]) -> Iterator[str]:
    values = [record.get("Value", "").rstrip(".") for record in actual.get("ResourceRecords", ())]
    if values != [declared.values[region].rstrip(".")]:
        yield f"it resolves to {', '.join(values) or 'nothing'}, not {declared.values[region]}"
    if actual.get("Type") != declared.type:
        yield f"it is of type {actual.get('Type')}, not {declared.type}"
    if actual.get("TTL") != declared.ttl_seconds:
        yield f"its TTL is {actual.get('TTL')} s, not {declared.ttl_seconds} s"
    health_check = declared.health_checks.get(region)
    if health_check is not None and actual.get("HealthCheckId") != health_check:
        yield f"it uses the health check {actual.get('HealthCheckId') or 'none'}, not {health_check}"
    role = "PRIMARY" if region == declared.primary else "SECONDARY"
    policies = {"failover": ("Failover", role), "latency": ("Region", region)}
    if declared.policy in policies:
        key, value = policies[declared.policy]
        if actual.get(key) != value:
            yield f"its {key} is {actual.get(key)}, not {value}"
    elif "Weight" not in actual:
        yield "it has no weight"


CHECK = ReadinessCheck("names", check)
