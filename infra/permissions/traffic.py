"""Where users are sent: load balancers, routing controls, records, checks."""

from __future__ import annotations

from leeward.infra.permissions.common import journal, looking
from leeward.infra.permissions.model import ANY, Permission
from leeward.infra.permissions.uses import Uses


def alb_register(use: Uses) -> list[Permission]:
    """Registers the recovered machines, and takes out those that they replace."""
    regions = use.regions()
    return [
        *journal(use),
        *looking(use, regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers", "ec2:DescribeInstances"),
        *looking(use, regions, "elasticloadbalancing:DescribeTargetHealth"),
        Permission(
            ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"),
            use.values("target_group_arn"),
        ),
    ]


def alb_deregister(use: Uses) -> list[Permission]:
    """Takes the machines out; which of them serve, the Region that is entered tells too."""
    regions = use.regions()
    servers = sorted({*regions, use.at.region})
    return [
        *journal(use),
        *looking(use, servers, "drs:DescribeSourceServers"),
        *looking(use, regions, "drs:DescribeRecoveryInstances", "elasticloadbalancing:DescribeTargetHealth"),
        Permission(("elasticloadbalancing:DeregisterTargets",), use.values("target_group_arn")),
    ]


def arc_route(use: Uses) -> list[Permission]:
    """Switches the routing controls that the runbook names, and reads them back."""
    switched = tuple(sorted({*use.values("turn_on"), *use.values("turn_off")}))
    overrides = bool(use.values("safety_rules_to_override"))
    # Safety rules are the last guard: a role may override them only where a runbook says so.
    guarded = {} if overrides else {"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "false"}}
    return [
        *journal(use),
        Permission(("route53-recovery-cluster:GetRoutingControlState",), switched),
        Permission(("route53-recovery-cluster:UpdateRoutingControlStates",), switched, guarded),
    ]


def http_check(use: Uses) -> list[Permission]:
    """Asks for pages, which takes no permission, and writes what it saw."""
    return journal(use)


def route53_weights(use: Uses) -> list[Permission]:
    """Sends one change of the record, and follows it."""
    return [*journal(use, "GetItem"), *_record(use)]


def route53_shift(use: Uses) -> list[Permission]:
    """As weights, stage by stage, while it watches the errors of the Region that users come to."""
    watched = [
        Permission(
            ("cloudwatch:GetMetricData",),
            (ANY,),
            use.within(use.regions()),
            why="a metric is no resource of IAM; it only reads",
        )
    ]
    return [*journal(use, "GetItem"), *_record(use), *watched]


def _record(use: Uses) -> list[Permission]:
    zones = tuple(f"arn:aws:route53:::hostedzone/{zone}" for zone in use.values("hosted_zone"))
    records = use.values("record")
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
            why="a change gets its id from Route 53 when it is sent",
        ),
    ]
