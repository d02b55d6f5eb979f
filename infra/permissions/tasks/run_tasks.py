"""Permissions of the run's own tasks: beginning, end, lock, questions, and notifications. Mostly in the function's
Region.
"""

from __future__ import annotations

from leeward.common.naming import resource_names
from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import (
    grant_events,
    grant_journal,
    grant_table,
    grant_table_in_region,
    grant_topic,
)

_SEND_TASK_SUCCESS = Permission(
    ("states:SendTaskSuccess",),
    (WILDCARD,),
    reason="this action does not support resource-level permissions. It needs a task token, which is stored only in "
    "the application's table",
)


def run_begin(usage: TaskUsage) -> list[Permission]:
    """Return permissions to write the run's first journal entry."""
    return grant_journal(usage)


def run_end(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read the journal, record the end, release the lock, and notify operators."""
    lock_region = usage.region_resources.application.regions.standby
    return [
        *grant_journal(usage, "DeleteItem"),
        *grant_table_in_region(usage, lock_region, "DeleteItem"),
        *grant_topic(usage),
    ]


def run_stop(usage: TaskUsage) -> list[Permission]:
    """Return permissions to fail the execution through its token and, after a redrive, to reacquire the lock and
    resume.
    """
    send_failure = Permission(("states:SendTaskFailure",), (WILDCARD,), reason=_SEND_TASK_SUCCESS.reason)
    return [*_grant_lock(usage), _SEND_TASK_SUCCESS, send_failure]


def record_failure(usage: TaskUsage) -> list[Permission]:
    """Return permissions to write a journal entry."""
    return grant_journal(usage)


def lock_acquire(usage: TaskUsage) -> list[Permission]:
    """Return permissions to acquire the lock, to announce it, and to check whether the run that holds it is still
    active.
    """
    return [grant_events(usage), *_grant_lock(usage)]


def _grant_lock(usage: TaskUsage) -> list[Permission]:
    application = usage.region_resources.application
    executions = tuple(
        f"arn:aws:states:{region}:{application.account}:execution:"
        f"{resource_names.state_machine_name(application.application, WILDCARD)}"
        for region in application.regions.both
    )
    return [
        *grant_table(usage, "GetItem", "PutItem", "Query"),
        *grant_table_in_region(usage, application.regions.standby, "GetItem", "PutItem", "Query"),
        Permission(
            ("states:DescribeExecution",),
            executions,
            reason="an execution's ARN contains the name that it was started with",
        ),
    ]


def ask(usage: TaskUsage) -> list[Permission]:
    """Return permissions to store the question with its token, to notify operators, and to forward an answer to an
    older token.
    """
    return [*grant_journal(usage, "GetItem"), *grant_topic(usage), _SEND_TASK_SUCCESS]


def answer(usage: TaskUsage) -> list[Permission]:
    """Return permissions to find the question, to answer it once, to resume the waiting state, and to announce the
    answer.
    """
    return [*grant_journal(usage, "GetItem"), _SEND_TASK_SUCCESS]


def notify(usage: TaskUsage) -> list[Permission]:
    """Return permissions to send a notification and to record it."""
    return [*grant_journal(usage), *grant_topic(usage)]
