"""Where users are sent: load balancers, routing controls, records, checks."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_reads


def alb_register(usage: TaskUsage) -> list[Permission]:
    """Registers the recovered machines, and takes out those that they replace."""
    regions = usage.collect_regions()
    return [
        *grant_journal(usage),
        *grant_reads(
            usage, regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers", "ec2:DescribeInstances"
        ),
        *grant_reads(usage, regions, "elasticloadbalancing:DescribeTargetHealth"),
        Permission(
            ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"),
            usage.collect_values("target_group_arn"),
        ),
    ]


def alb_deregister(usage: TaskUsage) -> list[Permission]:
    """Takes the machines out; which of them serve, the Region that is entered tells too."""
    regions = usage.collect_regions()
    servers = sorted({*regions, usage.region_resources.region})
    return [
        *grant_journal(usage),
        *grant_reads(usage, servers, "drs:DescribeSourceServers"),
        *grant_reads(usage, regions, "drs:DescribeRecoveryInstances", "elasticloadbalancing:DescribeTargetHealth"),
        Permission(("elasticloadbalancing:DeregisterTargets",), usage.collect_values("target_group_arn")),
    ]


def arc_route(usage: TaskUsage) -> list[Permission]:
    """Switches the routing controls that the runbook names, and reads them back."""
    switched = tuple(sorted({*usage.collect_values("turn_on"), *usage.collect_values("turn_off")}))
    overrides = bool(usage.collect_values("safety_rules_to_override"))
    # Safety rules are the last guard: a role may override them only where a runbook says so.
    guarded = {} if overrides else {"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "false"}}
    return [
        *grant_journal(usage),
        Permission(("route53-recovery-cluster:GetRoutingControlState",), switched),
        Permission(("route53-recovery-cluster:UpdateRoutingControlStates",), switched, guarded),
    ]


def http_check(usage: TaskUsage) -> list[Permission]:
    """Asks for pages, which takes no permission, and writes what it saw."""
    return grant_journal(usage)


def route53_weights(usage: TaskUsage) -> list[Permission]:
    """Sends one change of the record, and follows it."""
    return [*grant_journal(usage, "GetItem"), *_grant_record(usage)]


def route53_shift(usage: TaskUsage) -> list[Permission]:
    """As weights, stage by stage, while it watches the errors of the Region that users come to."""
    watched = [
        Permission(
            ("cloudwatch:GetMetricData",),
            (WILDCARD,),
            usage.region_condition(usage.collect_regions()),
            reason="a metric is no resource of IAM; it only reads",
        )
    ]
    return [*grant_journal(usage, "GetItem"), *_grant_record(usage), *watched]


def _grant_record(usage: TaskUsage) -> list[Permission]:
    zones = tuple(f"arn:aws:route53:::hostedzone/{zone}" for zone in usage.collect_values("hosted_zone"))
    records = usage.collect_values("record")
    only = {
        "ForAllValues:StringEquals": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": sorted({name.lower() for name in records}),
            "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
        }
    }
    return [
        Permission(("route53:ChangeResourceRecordSets",), zones, only),
        Permission(("route53:ListResourceRecordSets",), zones),
        Permission(
            ("route53:GetChange",),
            ("arn:aws:route53:::change/*",),
            reason="a change gets its id from Route 53 when it is sent",
        ),
    ]
