"""The permissions of the task `answer`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.run_grants import SEND_TASK_SUCCESS
from leeward.infra.permissions.grants.shared_grants import grant_journal


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to find the question, to answer it once, to resume the waiting state, and to announce the
    answer.
    """
    return [*grant_journal(usage, "GetItem"), SEND_TASK_SUCCESS]
