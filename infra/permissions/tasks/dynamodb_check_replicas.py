"""The permissions of the task `dynamodb_check_replicas`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.table_grants import table_arns
from leeward.infra.permissions.grants.shared_grants import grant_journal


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to describe the table, without reading its items."""
    return [
        *grant_journal(usage),
        Permission(("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"), table_arns(usage, "region")),
    ]
