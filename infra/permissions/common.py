"""What several tasks are permitted: the table, the topic, the function's own runtime, looks at DRS and EC2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leeward.common.signals import EVENT_SOURCE
from leeward.infra.permissions.model import ANY, Conditions, Permission, joined
from leeward.infra.permissions.uses import Deployed, Uses
from leeward.state_machines.triggers import NAMESPACE

_NO_RESOURCE = "AWS takes no resource for these actions"


def runtime(use: Uses) -> list[Permission]:
    """What Lambda does in the function's name: its log and its traces."""
    return [
        Permission(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (f"{use.at.log_group(use.task)}:*",),
            why="the streams of the function's own log group have names that Lambda makes up",
            through="lambda.amazonaws.com",
        ),
        Permission(
            ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
            (ANY,),
            why=f"{_NO_RESOURCE}; they write traces and read nothing",
            through="lambda.amazonaws.com",
        ),
    ]


# A journal is never taken away by what writes it: locks and orders may be, entries may not.
_NO_JOURNAL: Conditions = {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["RUN#*"]}}


def _items(arn: str, actions: Sequence[str]) -> list[Permission]:
    takes = tuple(f"dynamodb:{action}" for action in actions if action == "DeleteItem")
    others = tuple(f"dynamodb:{action}" for action in actions if action != "DeleteItem")
    made = [Permission(others, (arn,))] if others else []
    return [*made, *([Permission(takes, (arn,), _NO_JOURNAL)] if takes else [])]


def table(use: Uses, *actions: str) -> list[Permission]:
    """Items of the application's own table: `PutItem`, ..."""
    return [
        *_items(use.at.table, actions),
        Permission(
            ("kms:Decrypt",), (use.at.key,), _via(f"dynamodb.{use.at.region}"), through="dynamodb.amazonaws.com"
        ),
    ]


def table_at(use: Uses, region: str, *actions: str) -> list[Permission]:
    """Items of the same table in another Region: the lock's home."""
    if region == use.at.region:
        return table(use, *actions)
    there = Deployed.named(use.at.application, region)
    alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": there.key_alias}}
    return [
        *_items(there.table, actions),
        Permission(
            ("kms:Decrypt",),
            (f"arn:aws:kms:{region}:{use.account}:key/*",),
            joined(_via(f"dynamodb.{region}"), alias),
            why="that Region's key is made there, and is known here by its alias",
            through="dynamodb.amazonaws.com",
        ),
    ]


def journal(use: Uses, *more: str) -> list[Permission]:
    """To write into the run's journal, whose entries name those before them, and announce it; and to read the lock.

    `more`: other actions on the table.
    """
    return [*table(use, "PutItem", "Query", *more), announcing(use)]


def announcing(use: Uses) -> Permission:
    """To put Leeward's own events on the Region's bus."""
    bus = f"arn:aws:events:{use.at.region}:{use.account}:event-bus/default"
    return Permission(("events:PutEvents",), (bus,), {"StringEquals": {"events:source": EVENT_SOURCE}})


def figures(use: Uses, regions: Sequence[str]) -> list[Permission]:
    """Leeward's own metrics, in these Regions."""
    return [
        Permission(
            ("cloudwatch:PutMetricData",),
            (ANY,),
            joined(use.within(regions), {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}),
            why="a metric is no resource of IAM; Leeward's own namespace alone",
        )
    ]


def topic(use: Uses) -> list[Permission]:
    """To tell people."""
    return [
        Permission(("sns:Publish",), (use.at.topic,)),
        Permission(
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (use.at.key,),
            _via(f"sns.{use.at.region}"),
            through="sns.amazonaws.com",
        ),
    ]


def topic_check(use: Uses) -> list[Permission]:
    """To see that the topic is there."""
    return [Permission(("sns:GetTopicAttributes",), (use.at.topic,))]


def looking(use: Uses, regions: Sequence[str], *actions: str) -> list[Permission]:
    """Lists that know no resource, in these Regions only."""
    return [
        Permission(
            actions, (ANY,), use.within(regions), why=f"{_NO_RESOURCE}; they only read, and in the runbook's Regions"
        )
    ]


def acting(use: Uses, kind: str, regions: Sequence[str], *actions: str, of: str = "drs") -> list[Permission]:
    """Actions on the application's own resources of one kind, chosen as its groups are."""
    known = {True: "it is known by the application's tags", False: "the groups choose their servers by id, not by tags"}
    return [
        Permission(
            actions, chosen.resources, chosen.when, f"a {kind} gets its id when it is made; {known[bool(chosen.when)]}"
        )
        for chosen in use.own(kind, regions, of=of)
    ]


def through_drs(
    actions: Sequence[str], resources: Sequence[str], why: str, **when: Mapping[str, str | Sequence[str]]
) -> Permission:
    """EC2's part of a launch: DRS makes these calls with the role's credentials, and only so are they allowed."""
    called = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["drs.amazonaws.com"]}}
    return Permission(tuple(actions), tuple(resources), joined(called, when), why, "drs.amazonaws.com")


def _via(service: str) -> Conditions:
    return {"StringEquals": {"kms:ViaService": f"{service}.amazonaws.com"}}
