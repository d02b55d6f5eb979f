"""What several tasks are permitted: the table, the topic, the function's own runtime, looks at DRS and EC2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leeward.common.naming.telemetry_names import EVENT_SOURCE
from leeward.infra.permissions.grants.permission import WILDCARD, Conditions, Permission, merge_conditions
from leeward.infra.permissions.grants.resource_usage import RegionResources, TaskUsage
from leeward.state_machines.deployment.trigger_definitions import METRIC_NAMESPACE

_NO_RESOURCE = "AWS takes no resource for these actions"


def grant_runtime(usage: TaskUsage) -> list[Permission]:
    """What Lambda does in the function's name: its log and its traces."""
    return [
        Permission(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (f"{usage.region_resources.log_group(usage.task)}:*",),
            reason="the streams of the function's own log group have names that Lambda makes up",
            called_via="lambda.amazonaws.com",
        ),
        Permission(
            ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
            (WILDCARD,),
            reason=f"{_NO_RESOURCE}; they write traces and read nothing",
            called_via="lambda.amazonaws.com",
        ),
    ]


# A journal is never taken away by what writes it: locks and orders may be, entries may not.
_EXCEPT_JOURNAL_ENTRIES: Conditions = {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["RUN#*"]}}


def _grant_items(arn: str, actions: Sequence[str]) -> list[Permission]:
    takes = tuple(f"dynamodb:{action}" for action in actions if action == "DeleteItem")
    others = tuple(f"dynamodb:{action}" for action in actions if action != "DeleteItem")
    made = [Permission(others, (arn,))] if others else []
    return [*made, *([Permission(takes, (arn,), _EXCEPT_JOURNAL_ENTRIES)] if takes else [])]


def grant_table(usage: TaskUsage, *actions: str) -> list[Permission]:
    """Items of the application's own table: `PutItem`, ..."""
    return [
        *_grant_items(usage.region_resources.table, actions),
        Permission(
            ("kms:Decrypt",),
            (usage.region_resources.key,),
            _via_service(f"dynamodb.{usage.region_resources.region}"),
            called_via="dynamodb.amazonaws.com",
        ),
    ]


def grant_table_in_region(usage: TaskUsage, region: str, *actions: str) -> list[Permission]:
    """Items of the same table in another Region: the lock's home."""
    if region == usage.region_resources.region:
        return grant_table(usage, *actions)
    there = RegionResources.from_names(usage.region_resources.application, region)
    alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": there.key_alias}}
    return [
        *_grant_items(there.table, actions),
        Permission(
            ("kms:Decrypt",),
            (f"arn:aws:kms:{region}:{usage.account}:key/*",),
            merge_conditions(_via_service(f"dynamodb.{region}"), alias),
            reason="that Region's key is made there, and is known here by its alias",
            called_via="dynamodb.amazonaws.com",
        ),
    ]


def grant_journal(usage: TaskUsage, *more: str) -> list[Permission]:
    """To write into the run's journal, whose entries name those before them, and announce it; and to read the lock.

    `more`: other actions on the table.
    """
    return [*grant_table(usage, "PutItem", "Query", *more), grant_events(usage)]


def grant_events(usage: TaskUsage) -> Permission:
    """To put Leeward's own events on the Region's bus."""
    bus = f"arn:aws:events:{usage.region_resources.region}:{usage.account}:event-bus/default"
    return Permission(("events:PutEvents",), (bus,), {"StringEquals": {"events:source": EVENT_SOURCE}})


def grant_metrics(usage: TaskUsage, regions: Sequence[str]) -> list[Permission]:
    """Leeward's own metrics, in these Regions."""
    return [
        Permission(
            ("cloudwatch:PutMetricData",),
            (WILDCARD,),
            merge_conditions(
                usage.region_condition(regions), {"StringEquals": {"cloudwatch:namespace": METRIC_NAMESPACE}}
            ),
            reason="a metric is no resource of IAM; Leeward's own namespace alone",
        )
    ]


def grant_topic(usage: TaskUsage) -> list[Permission]:
    """To tell people."""
    return [
        Permission(("sns:Publish",), (usage.region_resources.topic,)),
        Permission(
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (usage.region_resources.key,),
            _via_service(f"sns.{usage.region_resources.region}"),
            called_via="sns.amazonaws.com",
        ),
    ]


def grant_topic_check(usage: TaskUsage) -> list[Permission]:
    """To see that the topic is there."""
    return [Permission(("sns:GetTopicAttributes",), (usage.region_resources.topic,))]


def grant_reads(usage: TaskUsage, regions: Sequence[str], *actions: str) -> list[Permission]:
    """Lists that know no resource, in these Regions only."""
    return [
        Permission(
            actions,
            (WILDCARD,),
            usage.region_condition(regions),
            reason=f"{_NO_RESOURCE}; they only read, and in the runbook's Regions",
        )
    ]


def grant_own_resources(
    usage: TaskUsage, kind: str, regions: Sequence[str], *actions: str, service: str = "drs"
) -> list[Permission]:
    """Actions on the application's own resources of one kind, chosen as its groups are."""
    known = {True: "it is known by the application's tags", False: "the groups choose their servers by id, not by tags"}
    return [
        Permission(
            actions,
            chosen.resources,
            chosen.conditions,
            f"a {kind} gets its id when it is made; {known[bool(chosen.conditions)]}",
        )
        for chosen in usage.own_resources(kind, regions, service=service)
    ]


def grant_via_drs(
    actions: Sequence[str], resources: Sequence[str], reason: str, **conditions: Mapping[str, str | Sequence[str]]
) -> Permission:
    """EC2's part of a launch: DRS makes these calls with the role's credentials, and only so are they allowed."""
    called = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["drs.amazonaws.com"]}}
    return Permission(
        tuple(actions), tuple(resources), merge_conditions(called, conditions), reason, "drs.amazonaws.com"
    )


def _via_service(service: str) -> Conditions:
    return {"StringEquals": {"kms:ViaService": f"{service}.amazonaws.com"}}
