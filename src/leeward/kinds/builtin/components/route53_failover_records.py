"""`route53.failover_records`: a primary and a secondary DNS record with health checks."""

from __future__ import annotations

from leeward.kinds.descriptors.component_kind import ComponentKind

KIND = ComponentKind(
    name="route53.failover_records",
    summary="A primary and a secondary DNS record with health checks",
    document="leeward.state_machines.components.route53_records:FailoverRecordsComponent",
    checks="leeward.state_machines.validate.applications.components.route53_failover_records:check",
    routes_users=True,
)
