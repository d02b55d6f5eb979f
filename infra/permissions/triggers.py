"""What starts runs, and what watches: origins, drills, runs."""

from __future__ import annotations

from common import names
from infra.permissions.common import figures, looking, table, topic
from infra.permissions.model import Permission
from infra.permissions.uses import Uses


def _undelivered(use: Uses) -> Permission:
    """Where Lambda puts an event that the function has failed on, tries included."""
    queue = f"arn:aws:sqs:{use.at.region}:{use.account}:{names.undelivered(use.at.application.application)}"
    return Permission(("sqs:SendMessage",), (queue,), through="lambda.amazonaws.com")


def start(use: Uses) -> list[Permission]:
    """Keeps the ledger, looks where the users are, starts the state machines of the alarms, tells people."""
    found = [
        *table(use, "GetItem", "PutItem"),
        *topic(use),
        _undelivered(use),
        Permission(("states:StartExecution",), use.values("machine")),
    ]
    if use.values("controls"):
        found.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), use.values("controls")))
    return found


def start_drill(use: Uses) -> list[Permission]:
    """Starts the state machines of drills, and no other."""
    return [
        *table(use, "GetItem", "PutItem"),
        *topic(use),
        _undelivered(use),
        Permission(("states:StartExecution",), use.values("machine")),
    ]


def probe(use: Uses) -> list[Permission]:
    """Asks for pages, and how old the newest data is; puts figures where the alarm is."""
    found = figures(use, use.values("metrics_region"))
    if any(signal["kind"] == "replication" for call in use.calls for signal in call["signals"]):
        found += looking(use, [use.at.region], "drs:DescribeSourceServers")
    return found


def run_watch(use: Uses) -> list[Permission]:
    """Asks which runs run, and reads when each last wrote."""
    return [
        *table(use, "Query"),
        *figures(use, [use.at.region]),
        Permission(("states:ListExecutions",), use.values("machines")),
    ]


def drill_watch(use: Uses) -> list[Permission]:
    """Asks when a drill last succeeded."""
    return [*figures(use, [use.at.region]), Permission(("states:ListExecutions",), use.values("machine"))]
