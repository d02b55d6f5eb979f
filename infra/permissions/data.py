"""Data stores. Leeward writes items of its own into an application's table, and no role of its can touch another."""

from __future__ import annotations

from leeward.infra.permissions.common import journal
from leeward.infra.permissions.model import Conditions, Permission
from leeward.infra.permissions.uses import Uses

# Keys of Leeward's own items begin so (data/table.py): switches of a Region, markers of replication.
_SWITCHES, _MARKERS = "#region#*", "#marker#*"


def api_switch(use: Uses) -> list[Permission]:
    """Sets a Region's switch, in its own copy of the table and in the other Region's."""
    return [
        *journal(use),
        Permission(("dynamodb:GetItem", "dynamodb:PutItem"), _tables(use, "region", "other_region"), _keys(_SWITCHES)),
    ]


def dynamodb_await_replication(use: Uses) -> list[Permission]:
    """Writes markers in one Region, and looks for them in the other."""
    return [
        *journal(use),
        Permission(
            ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"), _tables(use, "region", "from_region"), _keys(_MARKERS)
        ),
    ]


def dynamodb_check_replicas(use: Uses) -> list[Permission]:
    """Asks what the table is, not what is in it."""
    return [
        *journal(use),
        Permission(("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"), _tables(use, "region")),
    ]


def api_transaction(use: Uses) -> list[Permission]:
    """Signs in as the canary. `cognito-idp:InitiateAuth` is sent without a signature and needs no permission."""
    secrets = tuple(
        f"arn:aws:secretsmanager:{use.at.region}:{use.account}:secret:{name}-??????" for name in use.values("canary")
    )
    return [*journal(use), Permission(("secretsmanager:GetSecretValue",), secrets)]


def _tables(use: Uses, *keys: str) -> tuple[str, ...]:
    names = sorted({call["table"]["name"] for call in use.calls})
    return tuple(f"arn:aws:dynamodb:{r}:{use.account}:table/{name}" for r in use.regions(*keys) for name in names)


def _keys(pattern: str) -> Conditions:
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [pattern]}}
