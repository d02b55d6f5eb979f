"""The run itself: its beginning and end, lock, questions, messages. All of it in the function's own Region."""

from __future__ import annotations

from leeward.common import names
from leeward.infra.permissions.common import announcing, journal, table, table_at, topic
from leeward.infra.permissions.model import ANY, Permission
from leeward.infra.permissions.uses import Uses

_TOKENS = Permission(
    ("states:SendTaskSuccess",),
    (ANY,),
    why="AWS takes no resource for this action; it needs a task token, which is in the application's table alone",
)


def run_begin(use: Uses) -> list[Permission]:
    """Writes the run's first entry."""
    return journal(use)


def run_end(use: Uses) -> list[Permission]:
    """Reads the journal, writes the end, lets the lock go, tells people."""
    home = use.at.application.regions.standby
    return [*journal(use, "DeleteItem"), *table_at(use, home, "DeleteItem"), *topic(use)]


def run_stop(use: Uses) -> list[Permission]:
    """Fails the execution by its token; redriven, takes the lock again and lets the run go on."""
    failing = Permission(("states:SendTaskFailure",), (ANY,), why=_TOKENS.why)
    return [*_lock(use), _TOKENS, failing]


def record_failure(use: Uses) -> list[Permission]:
    """Writes an entry."""
    return journal(use)


def lock_acquire(use: Uses) -> list[Permission]:
    """Takes the lock, and tells machines; of the run that holds it, looks whether it still acts."""
    return [announcing(use), *_lock(use)]


def _lock(use: Uses) -> list[Permission]:
    application = use.at.application
    executions = tuple(
        f"arn:aws:states:{region}:{application.account}:execution:{names.state_machine(application.application, ANY)}"
        for region in application.regions.both
    )
    return [
        *table(use, "GetItem", "PutItem", "Query"),
        *table_at(use, application.regions.standby, "GetItem", "PutItem", "Query"),
        Permission(
            ("states:DescribeExecution",), executions, why="an execution's ARN holds the name that its starter gave it"
        ),
    ]


def ask(use: Uses) -> list[Permission]:
    """Keeps the question with its token, tells people; hands an answer on that came to an older token."""
    return [*journal(use, "GetItem"), *topic(use), _TOKENS]


def answer(use: Uses) -> list[Permission]:
    """Finds the question, answers it once, wakes the state that waits, tells machines."""
    return [*journal(use, "GetItem"), _TOKENS]


def notify(use: Uses) -> list[Permission]:
    """Tells people, and writes that it did."""
    return [*journal(use), *topic(use)]
