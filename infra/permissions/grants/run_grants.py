"""Permissions of the run's own tasks that several of them share."""

from __future__ import annotations

from leeward.common.naming import resource_names
from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import (
    grant_journal,
    grant_table,
    grant_table_in_region,
    grant_topic,
)

SEND_TASK_SUCCESS = Permission(
    ("states:SendTaskSuccess",),
    (WILDCARD,),
    reason="this action does not support resource-level permissions. It needs a task token, which is stored only in "
    "the application's table",
)


def grant_lock(usage: TaskUsage) -> list[Permission]:
    """Return permissions to take the lock, and to check whether the run that holds it is still active."""
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


def grant_question(usage: TaskUsage) -> list[Permission]:
    """Return permissions to store the question with its token, to notify operators, and to forward an answer to an
    older token.
    """
    return [*grant_journal(usage, "GetItem"), *grant_topic(usage), SEND_TASK_SUCCESS]


def grant_undelivered_queue(usage: TaskUsage) -> Permission:
    """Return the permission for the queue to which Lambda sends an event that failed after all retries."""
    queue_name = resource_names.dead_letter_queue_name(usage.region_resources.application.application)
    queue = f"arn:aws:sqs:{usage.region_resources.region}:{usage.account}:{queue_name}"
    return Permission(("sqs:SendMessage",), (queue,), called_via="lambda.amazonaws.com")
