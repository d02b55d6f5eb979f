"""The permissions of the task `route53_weights`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.record_grants import grant_record
from leeward.infra.permissions.grants.shared_grants import grant_journal


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to change the record and to follow the change."""
    return [*grant_journal(usage, "GetItem"), *grant_record(usage)]
