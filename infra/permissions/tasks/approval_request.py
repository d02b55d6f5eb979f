"""The permissions of the task `approval_request`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.run_grants import grant_question


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to ask, and to forward an answer to an older token."""
    return grant_question(usage)
