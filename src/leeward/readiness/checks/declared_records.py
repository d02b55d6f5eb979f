"""Are users led as the documents say? The records of the routing in use, and the health checks that they follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leeward.common.errors import NotFound
from leeward.readiness.lookups.route53_records import HealthCheckConfigs, find_record_sets, list_health_checks
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok
from leeward.readiness.model.readiness_input import DeclaredRecords, ReadinessInput, RegionalApi


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Each API's health checks ask what the document says; each Region's record is as declared, and follows its own."""
    if not inputs.apis and not inputs.record_sets:
        return
    checks = list_health_checks(clients)
    for api in inputs.apis:
        for region, check in sorted(api.health_checks.items()):
            yield _check_health_check(api, region, check, checks)
    for declared in inputs.record_sets:
        yield from _check_records(declared, clients)


def _check_health_check(api: RegionalApi, region: str, check_id: str, checks: HealthCheckConfigs) -> ReadinessFinding:
    check, what = "names.health_check", f"{check_id} of {region}"
    fix = "deploy the application's DNS stack again, or correct the id in application.yaml"
    found = checks.get(check_id)
    if found is None:
        return failed(check, what, "there is no such health check: its record is taken for healthy", fix)
    wanted = {
        "FullyQualifiedDomainName": f"{region}.{api.domain}",
        "ResourcePath": api.path,
        "RequestInterval": api.interval_seconds,
        "FailureThreshold": api.threshold,
    }
    wrong = [f"{key} is {found.get(key)}, not {value}" for key, value in wanted.items() if found.get(key) != value]
    wrong += [f"it is {word.lower()}" for word in ("Inverted", "Disabled") if found.get(word)]
    if wrong:
        return failed(check, what, "; ".join(wrong), fix)
    return ok(check, what, f"it asks {wanted['FullyQualifiedDomainName']}{api.path}")


def _check_records(declared: DeclaredRecords, clients: CheckClients) -> Iterator[ReadinessFinding]:
    check, fix = "names.record", "deploy the application's DNS stack again, or correct application.yaml"
    try:
        sets = find_record_sets(clients, declared.record, declared.zone)
    except NotFound:
        yield failed(check, declared.record, f"there is no hosted zone {declared.zone}", fix)
        return
    known = {found.get("SetIdentifier"): found for found in sets or ()}
    for region, identifier in sorted(declared.identifiers.items()):
        what = f"{declared.record} in {region}"
        found = known.get(identifier)
        if found is None:
            yield failed(check, what, f"there is no record {identifier}: users are never led there", fix)
            continue
        wrong = list(_record_differences(declared, region, found))
        if wrong:
            yield failed(check, what, "; ".join(wrong), fix)
        else:
            yield ok(check, what, f"it answers {declared.values[region]}")


def _record_differences(declared: DeclaredRecords, region: str, found: Mapping[str, Any]) -> Iterator[str]:
    values = [record.get("Value", "").rstrip(".") for record in found.get("ResourceRecords", ())]
    if values != [declared.values[region].rstrip(".")]:
        yield f"it answers {', '.join(values) or 'nothing'}, not {declared.values[region]}"
    if found.get("Type") != declared.type:
        yield f"it is of type {found.get('Type')}, not {declared.type}"
    if found.get("TTL") != declared.ttl_seconds:
        yield f"its TTL is {found.get('TTL')} s, not {declared.ttl_seconds} s"
    wanted = declared.health_checks.get(region)
    if wanted is not None and found.get("HealthCheckId") != wanted:
        yield f"it follows the health check {found.get('HealthCheckId') or 'none'}, not {wanted}"
    role = "PRIMARY" if region == declared.primary else "SECONDARY"
    policies = {"failover": ("Failover", role), "latency": ("Region", region)}
    if declared.policy in policies:
        key, value = policies[declared.policy]
        if found.get(key) != value:
            yield f"its {key} is {found.get(key)}, not {value}"
    elif "Weight" not in found:
        yield "it has no weight"
