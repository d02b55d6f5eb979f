"""Data stores. Leeward writes items of its own into an application's table, and no role of its can touch another."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Conditions, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal

# Keys of Leeward's own items begin so (data/table.py): switches of a Region, markers of replication.
_SWITCH_KEYS, _MARKER_KEYS = "#region#*", "#marker#*"


def api_switch(usage: TaskUsage) -> list[Permission]:
    """Sets a Region's switch, in its own copy of the table and in the other Region's."""
    return [
        *grant_journal(usage),
        Permission(
            ("dynamodb:GetItem", "dynamodb:PutItem"),
            _table_arns(usage, "region", "other_region"),
            _leading_keys(_SWITCH_KEYS),
        ),
    ]


def dynamodb_await_replication(usage: TaskUsage) -> list[Permission]:
    """Writes markers in one Region, and looks for them in the other."""
    return [
        *grant_journal(usage),
        Permission(
            ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"),
            _table_arns(usage, "region", "from_region"),
            _leading_keys(_MARKER_KEYS),
        ),
    ]


def dynamodb_check_replicas(usage: TaskUsage) -> list[Permission]:
    """Asks what the table is, not what is in it."""
    return [
        *grant_journal(usage),
        Permission(("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"), _table_arns(usage, "region")),
    ]


def api_transaction(usage: TaskUsage) -> list[Permission]:
    """Signs in as the canary. `cognito-idp:InitiateAuth` is sent without a signature and needs no permission."""
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
