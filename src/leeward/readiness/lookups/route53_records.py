"""What Route 53 keeps: health checks and records. Its control plane is in us-east-1, and dark with it: then all of this
is unknown, which says nothing of the data plane that answers users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from leeward.common.aws.clients import translate_errors
from leeward.readiness.model.check_clients import CheckClients

HealthCheckConfigs: TypeAlias = Mapping[str, Mapping[str, Any]]


def list_health_checks(clients: CheckClients) -> dict[str, Mapping[str, Any]]:
    """Every health check's configuration, by id."""
    with translate_errors("route53:ListHealthChecks"):
        pages = clients.route53.get_paginator("list_health_checks").paginate()
        return {found["Id"]: found["HealthCheckConfig"] for page in pages for found in page["HealthChecks"]}


def find_record_sets(clients: CheckClients, record: str, zone: str | None = None) -> list[Mapping[str, Any]] | None:
    """The record's sets, in the zone named, or in the one with the longest name that it belongs to; None where there is
    no such zone."""
    name = record.rstrip(".") + "."
    if zone is None:
        with translate_errors("route53:ListHostedZones"):
            pages = clients.route53.get_paginator("list_hosted_zones").paginate()
            zones = [found for page in pages for found in page["HostedZones"] if name.endswith("." + found["Name"])]
        if not zones:
            return None
        zone = max(zones, key=lambda z: len(z["Name"]))["Id"]
    with translate_errors("route53:ListResourceRecordSets"):
        found = clients.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
        return [dict(s) for page in found for s in page["ResourceRecordSets"] if s["Name"].lower() == name.lower()]
