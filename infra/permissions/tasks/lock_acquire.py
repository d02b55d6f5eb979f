"""The permissions of the task `lock_acquire`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.run_grants import grant_lock
from leeward.infra.permissions.grants.shared_grants import grant_events


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to acquire the lock, to announce it, and to check whether the run that holds it is still
    active.
    """
    return [grant_events(usage), *grant_lock(usage)]
