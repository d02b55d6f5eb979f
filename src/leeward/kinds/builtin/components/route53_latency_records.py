"""`route53.latency_records`: a latency DNS record per Region with health checks."""

from __future__ import annotations

from leeward.kinds.descriptors.component_kind import ComponentKind

KIND = ComponentKind(
    name="route53.latency_records",
    summary="A latency DNS record per Region with health checks",
    document="leeward.state_machines.components.route53_records:LatencyRecordsComponent",
    checks="leeward.state_machines.validate.applications.components.route53_latency_records:check",
    routes_users=True,
)
