"""What things are called in an account: one scheme, for whoever makes them and whoever looks for them.

Every application has its own table, topic, functions and state machines, so that one application's roles can't reach
another's, and two applications can share an account.
"""

from __future__ import annotations

PREFIX = "leeward"


def application_prefix(application: str) -> str:
    """`leeward-website`: the journal's table, the topic, the alias of the key, the dashboard."""
    return f"{PREFIX}-{application}"


def table_name(application: str) -> str:
    """The DynamoDB global table that holds the journal, the lock and the questions."""
    return application_prefix(application)


def topic_name(application: str) -> str:
    """The SNS topic through which people are told."""
    return application_prefix(application)


def dead_letter_queue_name(application: str) -> str:
    """The queue of what was to start a run and could not be delivered, in each Region."""
    return f"{application_prefix(application)}-undelivered"


def function_name(application: str, task: str) -> str:
    """`drs_recover` -> `leeward-website-drs-recover`: the Lambda function of a task."""
    return f"{application_prefix(application)}-{task.replace('_', '-')}"


def state_machine_name(application: str, runbook: str) -> str:
    """`website-failover`: the state machine of a runbook, in the Region that the runbook enters."""
    return f"{application}-{runbook}"


def evidence_key_alias(application: str) -> str:
    """The alias of the key that signs exports, in each Region; one for each application, as all that it has."""
    return f"alias/{application_prefix(application)}-evidence"


def board_bucket_name(application: str, account: str, region: str) -> str:
    """The bucket that holds the board: in the account and the Region, for a bucket's name is the whole world's."""
    return f"{application_prefix(application)}-board-{account}-{region}"
