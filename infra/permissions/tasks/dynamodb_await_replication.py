"""The permissions of the task `dynamodb_await_replication`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.table_grants import leading_keys, table_arns
from leeward.infra.permissions.grants.shared_grants import grant_journal

# The key prefix of replication markers (data/application_table.py).
_MARKER_KEYS = "#marker#*"


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to write markers in one Region and to read them in the other."""
    return [
        *grant_journal(usage),
        Permission(
            ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"),
            table_arns(usage, "region", "from_region"),
            leading_keys(_MARKER_KEYS),
        ),
    ]
