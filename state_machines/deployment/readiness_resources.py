"""The tables, APIs, and DNS records that readiness checks, as JSON for `readiness.model.readiness_input`."""

from __future__ import annotations

from leeward.state_machines.active_routing import active_components
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.state_machines.components.route53_records import FailoverRecordsComponent, LatencyRecordsComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent

_ROUTING_POLICIES: dict[type[FailoverRecordsComponent | LatencyRecordsComponent | WeightedRecordsComponent], str] = {
    FailoverRecordsComponent: "failover",
    LatencyRecordsComponent: "latency",
    WeightedRecordsComponent: "weighted",
}


def table_resources(application: Application) -> list[Json]:
    """Return every global table."""
    return [
        {"name": table.table, "backups": table.point_in_time_recovery}
        for _, table in application.components_of_kind(GlobalTableComponent)
    ]


def api_resources(application: Application) -> list[Json]:
    """Return every REST API with its health checks."""
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
        for _, api in application.components_of_kind(RestApiComponent)
    ]


def record_set_resources(application: Application) -> list[Json]:
    """Return the records of the active routing. Records behind routing controls are listed with the controls."""
    return [
        _record_set(application, policy, records)
        for kind, policy in _ROUTING_POLICIES.items()
        for _, records in active_components(application, kind)
    ]


def _record_set(
    application: Application,
    policy: str,
    records: FailoverRecordsComponent | LatencyRecordsComponent | WeightedRecordsComponent,
) -> JsonObject:
    api = application.component(records.health, RestApiComponent) if records.health else None
    return {
        "policy": policy,
        "zone": records.hosted_zone,
        "record": records.record,
        "type": records.type,
        "ttl_seconds": int(records.ttl.total_seconds()),
        "values": dict(records.values),
        "identifiers": dict(records.set_identifiers),
        "health_checks": dict(api.health.ids) if api else {},
        "primary": application.regions.primary,
    }
