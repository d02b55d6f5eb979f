"""The permissions of the task `run_stop`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.run_grants import SEND_TASK_SUCCESS, grant_lock


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to fail the execution through its token and, after a redrive, to reacquire the lock and
    resume.
    """
    send_failure = Permission(("states:SendTaskFailure",), (WILDCARD,), reason=SEND_TASK_SUCCESS.reason)
    return [*grant_lock(usage), SEND_TASK_SUCCESS, send_failure]
