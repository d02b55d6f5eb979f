"""List Route 53 health checks and records.

Route 53's control plane is in us-east-1. While that Region is unavailable, these lookups fail and the findings are
`unknown`. That says nothing about the data plane, which answers DNS queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from leeward.common.aws.clients import translate_errors
from leeward.readiness.model.check_clients import CheckClients

HealthCheckConfigs: TypeAlias = Mapping[str, Mapping[str, Any]]


def list_health_checks(clients: CheckClients) -> dict[str, Mapping[str, Any]]:
    """Return the configuration of every health check, by ID."""
    with translate_errors("route53:ListHealthChecks"):
        pages = clients.route53.get_paginator("list_health_checks").paginate()
        return {check["Id"]: check["HealthCheckConfig"] for page in pages for check in page["HealthChecks"]}


def find_record_sets(clients: CheckClients, record: str, zone: str | None = None) -> list[Mapping[str, Any]] | None:
    """Return the record sets with the name `record`, or None if no hosted zone contains it.

    `zone` is a hosted zone ID. Without it, the zone with the longest matching name is used.
    """
    name = record.rstrip(".") + "."
    if zone is None:
        with translate_errors("route53:ListHostedZones"):
            pages = clients.route53.get_paginator("list_hosted_zones").paginate()
            zones = [zone for page in pages for zone in page["HostedZones"] if name.endswith("." + zone["Name"])]
        if not zones:
            return None
        zone = max(zones, key=lambda z: len(z["Name"]))["Id"]
    with translate_errors("route53:ListResourceRecordSets"):
        record_pages = clients.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
        return [
            dict(s) for page in record_pages for s in page["ResourceRecordSets"] if s["Name"].lower() == name.lower()
        ]
