"""Permissions that several tasks share: the table, the topic, the function's runtime, and reads of DRS and EC2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leeward.common.naming.telemetry_names import EVENT_SOURCE
from leeward.infra.permissions.grants.permission import WILDCARD, Conditions, Permission, merge_conditions
from leeward.infra.permissions.grants.resource_usage import RegionResources, TaskUsage
from leeward.state_machines.deployment.trigger_definitions import METRIC_NAMESPACE

_NO_RESOURCE = "These actions do not support resource-level permissions"


def grant_runtime(usage: TaskUsage) -> list[Permission]:
    """Return what Lambda does with the function's credentials: writing its log and its traces."""
    return [
        Permission(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (f"{usage.region_resources.log_group(usage.task)}:*",),
            reason="Lambda chooses the names of the streams in the function's own log group",
            called_via="lambda.amazonaws.com",
        ),
        Permission(
            ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
            (WILDCARD,),
            reason=f"{_NO_RESOURCE}. They write traces and read nothing",
            called_via="lambda.amazonaws.com",
        ),
    ]


# A task may delete locks and launch intents, but never journal entries.
_EXCEPT_JOURNAL_ENTRIES: Conditions = {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["RUN#*"]}}


def _grant_items(arn: str, actions: Sequence[str]) -> list[Permission]:
    deletes = tuple(f"dynamodb:{action}" for action in actions if action == "DeleteItem")
    others = tuple(f"dynamodb:{action}" for action in actions if action != "DeleteItem")
    permissions = [Permission(others, (arn,))] if others else []
    return [*permissions, *([Permission(deletes, (arn,), _EXCEPT_JOURNAL_ENTRIES)] if deletes else [])]


def grant_table(usage: TaskUsage, *actions: str) -> list[Permission]:
    """Return permissions for items in the application's own table. `actions` are names such as `PutItem`."""
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
    """Return permissions for items of the same table in another Region, where the lock is kept."""
    if region == usage.region_resources.region:
        return grant_table(usage, *actions)
    resources = RegionResources.from_names(usage.region_resources.application, region)
    alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": resources.key_alias}}
    return [
        *_grant_items(resources.table, actions),
        Permission(
            ("kms:Decrypt",),
            (f"arn:aws:kms:{region}:{usage.account}:key/*",),
            merge_conditions(_via_service(f"dynamodb.{region}"), alias),
            reason="the key is created in the other Region, and only its alias is known here",
            called_via="dynamodb.amazonaws.com",
        ),
    ]


def grant_journal(usage: TaskUsage, *more: str) -> list[Permission]:
    """Return permissions to write to the journal, to announce entries as events, and to read the lock.

    Writing needs to read, because each entry refers to the one before it, and to check the lock in the same
    transaction. `more` are further actions on the table.
    """
    return [*grant_table(usage, "ConditionCheckItem", "PutItem", "Query", *more), grant_events(usage)]


def grant_events(usage: TaskUsage) -> Permission:
    """Return the permission to put Leeward's own events on the Region's bus."""
    bus = f"arn:aws:events:{usage.region_resources.region}:{usage.account}:event-bus/default"
    return Permission(("events:PutEvents",), (bus,), {"StringEquals": {"events:source": EVENT_SOURCE}})


def grant_metrics(usage: TaskUsage, regions: Sequence[str]) -> list[Permission]:
    """Return the permission to publish Leeward's own metrics in these Regions."""
    return [
        Permission(
            ("cloudwatch:PutMetricData",),
            (WILDCARD,),
            merge_conditions(
                usage.region_condition(regions), {"StringEquals": {"cloudwatch:namespace": METRIC_NAMESPACE}}
            ),
            reason="metrics are not IAM resources. Limited to Leeward's own namespace",
        )
    ]


def grant_topic(usage: TaskUsage) -> list[Permission]:
    """Return permissions to publish to the notification topic."""
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
    """Return the permission to check that the topic exists."""
    return [Permission(("sns:GetTopicAttributes",), (usage.region_resources.topic,))]


def grant_reads(usage: TaskUsage, regions: Sequence[str], *actions: str) -> list[Permission]:
    """Return permissions for read actions that can be limited to these Regions, but not to resources."""
    return [
        Permission(
            actions,
            (WILDCARD,),
            usage.region_condition(regions),
            reason=f"{_NO_RESOURCE}. They only read, in the runbook's Regions",
        )
    ]


def grant_own_resources(
    usage: TaskUsage, kind: str, regions: Sequence[str], *actions: str, service: str = "drs"
) -> list[Permission]:
    """Return permissions for actions on the application's own resources of one kind, selected like its groups."""
    selector = {
        True: "it is identified by the application's tags",
        False: "the groups select their servers by id, not by tags",
    }
    return [
        Permission(
            actions,
            chosen.resources,
            chosen.conditions,
            f"a {kind} gets its id when it is created; {selector[bool(chosen.conditions)]}",
        )
        for chosen in usage.own_resources(kind, regions, service=service)
    ]


def grant_via_drs(
    actions: Sequence[str], resources: Sequence[str], reason: str, **conditions: Mapping[str, str | Sequence[str]]
) -> Permission:
    """Return a permission for EC2 calls of a launch. It allows them only when DRS makes them with the role's
    credentials.
    """
    called = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["drs.amazonaws.com"]}}
    return Permission(
        tuple(actions), tuple(resources), merge_conditions(called, conditions), reason, "drs.amazonaws.com"
    )


def _via_service(service: str) -> Conditions:
    return {"StringEquals": {"kms:ViaService": f"{service}.amazonaws.com"}}
