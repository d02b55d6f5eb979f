"""The permissions of the task `api_switch`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.table_grants import leading_keys, table_arns
from leeward.infra.permissions.grants.shared_grants import grant_journal

# The key prefix of a Region's switches (data/application_table.py).
_SWITCH_KEYS = "#region#*"


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to set a Region's switch, in its own replica of the table and in the other Region's."""
    return [
        *grant_journal(usage),
        Permission(
            ("dynamodb:GetItem", "dynamodb:PutItem"),
            table_arns(usage, "region", "other_region"),
            leading_keys(_SWITCH_KEYS),
        ),
    ]
