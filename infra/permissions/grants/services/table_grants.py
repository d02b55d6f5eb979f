"""ARNs and conditions for an application's own table. Leeward's tasks may write only their own items."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Conditions
from leeward.infra.permissions.grants.resource_usage import TaskUsage


def table_arns(usage: TaskUsage, *keys: str) -> tuple[str, ...]:
    names = sorted({call["table"]["name"] for call in usage.calls})
    return tuple(
        f"arn:aws:dynamodb:{r}:{usage.account}:table/{name}" for r in usage.collect_regions(*keys) for name in names
    )


def leading_keys(pattern: str) -> Conditions:
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [pattern]}}
