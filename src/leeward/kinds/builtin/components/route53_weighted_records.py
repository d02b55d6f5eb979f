"""`route53.weighted_records`: a weighted DNS record per Region."""

from __future__ import annotations

from leeward.kinds.descriptors.component_kind import ComponentKind

KIND = ComponentKind(
    name="route53.weighted_records",
    summary="A weighted DNS record per Region",
    document="leeward.state_machines.components.route53_weighted_records:WeightedRecordsComponent",
    checks="leeward.state_machines.validate.applications.components.route53_weighted_records:check",
    routes_users=True,
)
