"""The names of AWS resources in an account: one scheme for creating them and for finding them.

Every application has its own table, topic, functions, and state machines, so that one application's roles can't reach
another's, and two applications can share an account.
"""

from __future__ import annotations

PREFIX = "leeward"


def application_prefix(application: str) -> str:
    """Return `leeward-website`: the name of the state table, the topic, and the dashboard, and a prefix of others."""
    return f"{PREFIX}-{application}"


def table_name(application: str) -> str:
    """Return the name of the DynamoDB global table that contains the journal, the lock, and the questions."""
    return application_prefix(application)


def topic_name(application: str) -> str:
    """Return the name of the SNS topic for messages to operators."""
    return application_prefix(application)


def dead_letter_queue_name(application: str) -> str:
    """Return the name of each Region's queue for undelivered events that should have started a run."""
    return f"{application_prefix(application)}-undelivered"


def function_name(application: str, task: str) -> str:
    """Return the name of a task's Lambda function, such as `leeward-website-drs-recover` for `drs_recover`."""
    return f"{application_prefix(application)}-{task.replace('_', '-')}"


def state_machine_name(application: str, runbook: str) -> str:
    """Return the name of a runbook's state machine in the target Region, such as `website-failover`."""
    return f"{application}-{runbook}"


def evidence_key_alias(application: str) -> str:
    """Return the alias, in each Region, of the application's key that signs exported bundles."""
    return f"alias/{application_prefix(application)}-evidence"


def board_bucket_name(application: str, account: str, region: str) -> str:
    """Return the name of the board's bucket. It contains the account and Region, because names are globally unique."""
    return f"{application_prefix(application)}-board-{account}-{region}"
