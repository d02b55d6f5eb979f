"""The run itself: its beginning and end, lock, questions, messages. All of it in the function's own Region."""

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
    reason="AWS takes no resource for this action; it needs a task token, which is in the application's table alone",
)


def run_begin(usage: TaskUsage) -> list[Permission]:
    """Writes the run's first entry."""
    return grant_journal(usage)


def run_end(usage: TaskUsage) -> list[Permission]:
    """Reads the journal, writes the end, lets the lock go, tells people."""
    home = usage.region_resources.application.regions.standby
    return [*grant_journal(usage, "DeleteItem"), *grant_table_in_region(usage, home, "DeleteItem"), *grant_topic(usage)]


def run_stop(usage: TaskUsage) -> list[Permission]:
    """Fails the execution by its token; redriven, takes the lock again and lets the run go on."""
    failing = Permission(("states:SendTaskFailure",), (WILDCARD,), reason=_SEND_TASK_SUCCESS.reason)
    return [*_grant_lock(usage), _SEND_TASK_SUCCESS, failing]


def record_failure(usage: TaskUsage) -> list[Permission]:
    """Writes an entry."""
    return grant_journal(usage)


def lock_acquire(usage: TaskUsage) -> list[Permission]:
    """Takes the lock, and tells machines; of the run that holds it, looks whether it still acts."""
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
            reason="an execution's ARN holds the name that its starter gave it",
        ),
    ]


def ask(usage: TaskUsage) -> list[Permission]:
    """Keeps the question with its token, tells people; hands an answer on that came to an older token."""
    return [*grant_journal(usage, "GetItem"), *grant_topic(usage), _SEND_TASK_SUCCESS]


def answer(usage: TaskUsage) -> list[Permission]:
    """Finds the question, answers it once, wakes the state that waits, tells machines."""
    return [*grant_journal(usage, "GetItem"), _SEND_TASK_SUCCESS]


def notify(usage: TaskUsage) -> list[Permission]:
    """Tells people, and writes that it did."""
    return [*grant_journal(usage), *grant_topic(usage)]
