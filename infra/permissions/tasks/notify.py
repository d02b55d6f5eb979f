"""The permissions of the task `notify`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_topic


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to send a notification and to record it."""
    return [*grant_journal(usage), *grant_topic(usage)]
