"""What readiness looks at of an application without servers: its tables, APIs and records, as `readiness.subject` has
them."""

from __future__ import annotations

from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.components import FailoverRecords, GlobalTable, LatencyRecords, RestApi, WeightedRecords
from leeward.state_machines.documents.application import Application
from leeward.state_machines.in_use import components

_POLICIES: dict[type[FailoverRecords | LatencyRecords | WeightedRecords], str] = {
    FailoverRecords: "failover",
    LatencyRecords: "latency",
    WeightedRecords: "weighted",
}


def tables(application: Application) -> list[Json]:
    """Every global table."""
    return [
        {"name": table.table, "backups": table.point_in_time_recovery} for _, table in application.of_kind(GlobalTable)
    ]


def apis(application: Application) -> list[Json]:
    """Every REST API, with its health checks."""
    return [
        {
            "domain": api.domain,
            "stage": api.stage,
            "apis": dict(api.apis),
            "endpoints": dict(api.endpoints),
            "certificates": dict(api.certificates),
            "function": api.function,
            "canary": api.canary,
            "path": api.health.path,
            "interval_seconds": api.health.interval_seconds,
            "threshold": api.health.threshold,
            "health_checks": dict(api.health.ids),
        }
        for _, api in application.of_kind(RestApi)
    ]


def record_sets(application: Application) -> list[Json]:
    """The records of the routing in use; those behind routing controls are told with the controls."""
    return [
        _records(application, policy, found)
        for kind, policy in _POLICIES.items()
        for _, found in components(application, kind)
    ]


def _records(
    application: Application, policy: str, found: FailoverRecords | LatencyRecords | WeightedRecords
) -> JsonObject:
    api = application.component(found.health, RestApi) if found.health else None
    return {
        "policy": policy,
        "zone": found.hosted_zone,
        "record": found.record,
        "type": found.type,
        "ttl_seconds": int(found.ttl.total_seconds()),
        "values": dict(found.values),
        "identifiers": dict(found.set_identifiers),
        "health_checks": dict(api.health.ids) if api else {},
        "primary": application.regions.primary,
    }
