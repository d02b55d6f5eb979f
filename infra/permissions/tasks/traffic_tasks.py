"""Permissions of the traffic tasks: load balancers, routing controls, DNS records, and HTTP checks."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_reads


def alb_register(usage: TaskUsage) -> list[Permission]:
    """Return permissions to register the recovered instances and to deregister those that they replace."""
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
    """Return permissions to deregister instances.

    The target Region's source servers also show which instances serve.
    """
    regions = usage.collect_regions()
    servers = sorted({*regions, usage.region_resources.region})
    return [
        *grant_journal(usage),
        *grant_reads(usage, servers, "drs:DescribeSourceServers"),
        *grant_reads(usage, regions, "drs:DescribeRecoveryInstances", "elasticloadbalancing:DescribeTargetHealth"),
        Permission(("elasticloadbalancing:DeregisterTargets",), usage.collect_values("target_group_arn")),
    ]


def arc_route(usage: TaskUsage) -> list[Permission]:
    """Return permissions to set the routing controls in the runbook and to read them."""
    controls = tuple(sorted({*usage.collect_values("turn_on"), *usage.collect_values("turn_off")}))
    overrides = bool(usage.collect_values("safety_rules_to_override"))
    # Safety rules are the last safeguard, so a role may override them only if a runbook says so.
    condition = {} if overrides else {"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "false"}}
    return [
        *grant_journal(usage),
        Permission(("route53-recovery-cluster:GetRoutingControlState",), controls),
        Permission(("route53-recovery-cluster:UpdateRoutingControlStates",), controls, condition),
    ]


def http_check(usage: TaskUsage) -> list[Permission]:
    """Return permissions to record the result. Requesting pages needs none."""
    return grant_journal(usage)


def route53_weights(usage: TaskUsage) -> list[Permission]:
    """Return permissions to change the record and to follow the change."""
    return [*grant_journal(usage, "GetItem"), *_grant_record(usage)]


def route53_shift(usage: TaskUsage) -> list[Permission]:
    """Return the permissions of route53_weights, and to read the error metrics of the target Region."""
    metrics = [
        Permission(
            ("cloudwatch:GetMetricData",),
            (WILDCARD,),
            usage.region_condition(usage.collect_regions()),
            reason="metrics are not IAM resources. This action only reads",
        )
    ]
    return [*grant_journal(usage, "GetItem"), *_grant_record(usage), *metrics]


def _grant_record(usage: TaskUsage) -> list[Permission]:
    zones = tuple(f"arn:aws:route53:::hostedzone/{zone}" for zone in usage.collect_values("hosted_zone"))
    records = usage.collect_values("record")
    condition = {
        "ForAllValues:StringEquals": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": sorted({name.lower() for name in records}),
            "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
        }
    }
    return [
        Permission(("route53:ChangeResourceRecordSets",), zones, condition),
        Permission(("route53:ListResourceRecordSets",), zones),
        Permission(
            ("route53:GetChange",),
            ("arn:aws:route53:::change/*",),
            reason="a change gets its id from Route 53 when it is sent",
        ),
    ]
