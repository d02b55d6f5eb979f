"""Permissions of the data store tasks. They may write only Leeward's own items in an application's table."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Conditions, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal

# The key prefixes of Leeward's own items (data/application_table.py): a Region's switches, and replication markers.
_SWITCH_KEYS, _MARKER_KEYS = "#region#*", "#marker#*"


def api_switch(usage: TaskUsage) -> list[Permission]:
    """Return permissions to set a Region's switch, in its own replica of the table and in the other Region's."""
    return [
        *grant_journal(usage),
        Permission(
            ("dynamodb:GetItem", "dynamodb:PutItem"),
            _table_arns(usage, "region", "other_region"),
            _leading_keys(_SWITCH_KEYS),
        ),
    ]


def dynamodb_await_replication(usage: TaskUsage) -> list[Permission]:
    """Return permissions to write markers in one Region and to read them in the other."""
    return [
        *grant_journal(usage),
        Permission(
            ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"),
            _table_arns(usage, "region", "from_region"),
            _leading_keys(_MARKER_KEYS),
        ),
    ]


def dynamodb_check_replicas(usage: TaskUsage) -> list[Permission]:
    """Return permissions to describe the table, without reading its items."""
    return [
        *grant_journal(usage),
        Permission(("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"), _table_arns(usage, "region")),
    ]


def api_transaction(usage: TaskUsage) -> list[Permission]:
    """Return permissions to sign in as the canary user.

    `cognito-idp:InitiateAuth` is an unsigned request and needs no permission.
    """
    secrets = tuple(
        f"arn:aws:secretsmanager:{usage.region_resources.region}:{usage.account}:secret:{name}-??????"
        for name in usage.collect_values("canary")
    )
    return [*grant_journal(usage), Permission(("secretsmanager:GetSecretValue",), secrets)]


def _table_arns(usage: TaskUsage, *keys: str) -> tuple[str, ...]:
    names = sorted({call["table"]["name"] for call in usage.calls})
    return tuple(
        f"arn:aws:dynamodb:{r}:{usage.account}:table/{name}" for r in usage.collect_regions(*keys) for name in names
    )


def _leading_keys(pattern: str) -> Conditions:
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [pattern]}}
