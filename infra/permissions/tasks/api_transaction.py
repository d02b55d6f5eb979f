"""The permissions of the task `api_transaction`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to sign in as the canary user.

    `cognito-idp:InitiateAuth` is an unsigned request and needs no permission.
    """
    secrets = tuple(
        f"arn:aws:secretsmanager:{usage.region_resources.region}:{usage.account}:secret:{name}-??????"
        for name in usage.collect_values("canary")
    )
    return [*grant_journal(usage), Permission(("secretsmanager:GetSecretValue",), secrets)]
