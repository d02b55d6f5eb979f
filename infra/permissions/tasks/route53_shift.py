"""The permissions of the task `route53_shift`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.record_grants import grant_record
from leeward.infra.permissions.grants.shared_grants import grant_journal


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return the permissions of route53_weights, and to read the error metrics of the target Region."""
    metrics = [
        Permission(
            ("cloudwatch:GetMetricData",),
            (WILDCARD,),
            usage.region_condition(usage.collect_regions()),
            reason="metrics are not IAM resources. This action only reads",
        )
    ]
    return [*grant_journal(usage, "GetItem"), *grant_record(usage), *metrics]
