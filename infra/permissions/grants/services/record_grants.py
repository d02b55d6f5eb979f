"""Permissions to change one DNS record and to follow the change."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage


def grant_record(usage: TaskUsage) -> list[Permission]:
    zones = tuple(f"arn:aws:route53:::hostedzone/{zone}" for zone in usage.collect_values("hosted_zone"))
    records = usage.collect_values("record")
    condition = {
        "ForAllValues:StringEquals": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": sorted({name.lower() for name in records}),
            "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
        }
    }
    return [
        Permission(("route53:ChangeResourceRecordSets",), zones, condition),
        Permission(("route53:ListResourceRecordSets",), zones),
        Permission(
            ("route53:GetChange",),
            ("arn:aws:route53:::change/*",),
            reason="a change gets its id from Route 53 when it is sent",
        ),
    ]
