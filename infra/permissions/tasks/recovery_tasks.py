"""Permissions of the Elastic Disaster Recovery tasks and of their EC2 instances."""

from __future__ import annotations

from leeward.infra.permissions.grants.drs_launch_grants import grant_launch, grant_termination
from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import (
    grant_journal,
    grant_own_resources,
    grant_reads,
    grant_topic_check,
)

_DESCRIBE_SERVERS = ("drs:DescribeJobs", "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers")
_DESCRIBE_INSTANCES = ("ec2:DescribeInstanceStatus", "ec2:DescribeInstances")
_TERMINATION_PROTECTION = ("ec2:DescribeInstanceAttribute", "ec2:ModifyInstanceAttribute")


def preflight(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read everything that the run will use."""
    regions = usage.collect_regions()
    permissions = [
        *grant_journal(usage),
        *grant_topic_check(usage),
        *grant_reads(usage, regions, *_DESCRIBE_SERVERS, *_DESCRIBE_INSTANCES),
        *grant_own_resources(
            usage, "source-server", regions, "drs:DescribeRecoverySnapshots", "drs:GetLaunchConfiguration"
        ),
    ]
    if usage.collect_values("target_groups"):
        permissions += grant_reads(usage, regions, "elasticloadbalancing:DescribeTargetGroups")
    controls = usage.collect_values("controls")
    if controls:
        permissions.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), controls))
    return permissions


def drs_recover(usage: TaskUsage) -> list[Permission]:
    """Return permissions to launch servers, to follow the jobs, and to read their logs."""
    regions = usage.collect_regions()
    return [
        *grant_journal(usage, "DeleteItem", "GetItem"),
        *grant_reads(usage, regions, *_DESCRIBE_SERVERS, *_DESCRIBE_INSTANCES),
        *grant_own_resources(usage, "source-server", regions, "drs:DescribeRecoverySnapshots", "drs:StartRecovery"),
        _grant_job_logs(usage),
        *grant_launch(usage, regions),
    ]


def drs_launch_into(usage: TaskUsage) -> list[Permission]:
    """Return the permissions of drs_recover, and to set existing instances in the servers' launch settings."""
    return [
        *drs_recover(usage),
        *grant_own_resources(usage, "source-server", usage.collect_regions(), "drs:UpdateLaunchConfiguration"),
    ]


def drs_recovery_plan(usage: TaskUsage) -> list[Permission]:
    """Return permissions to execute a Recovery Plan and to follow it."""
    regions = usage.collect_regions()
    plans = tuple(
        plan if plan.startswith("arn:") else f"arn:aws:drs:{region}:{usage.account}:recovery-plan/{plan}"
        for plan in usage.collect_values("plan_id")
        for region in regions
    )
    executions = tuple(f"arn:aws:drs:{region}:{usage.account}:recovery-plan-execution/*" for region in regions)
    return [
        *grant_journal(usage, "GetItem"),
        *grant_reads(usage, regions, *_DESCRIBE_SERVERS, *_DESCRIBE_INSTANCES, "drs:ListRecoveryPlans"),
        Permission(
            ("drs:ListRecoveryPlanExecutions", "drs:ListRecoveryPlanSteps", "drs:StartRecoveryPlanExecution"), plans
        ),
        Permission(
            (
                "drs:GetRecoveryPlanExecution",
                "drs:GetRecoveryPlanExecutionStep",
                "drs:ListRecoveryPlanExecutionSteps",
                "drs:RetryRecoveryPlanExecutionStep",
            ),
            executions,
            reason="a plan's execution gets its id when it starts",
        ),
        _grant_job_logs(usage),
        *grant_launch(usage, regions),
    ]


def drs_recover_undo(usage: TaskUsage) -> list[Permission]:
    """Return permissions to terminate what the run's own jobs launched."""
    regions = usage.collect_regions()
    return [
        *grant_journal(usage),
        *grant_reads(usage, regions, *_DESCRIBE_SERVERS),
        *grant_own_resources(usage, "recovery-instance", regions, "drs:TerminateRecoveryInstances"),
        *grant_termination(usage, regions),
    ]


def drs_protect(usage: TaskUsage) -> list[Permission]:
    """Return permissions to set termination protection and to read it."""
    regions = usage.collect_regions()
    return [
        *grant_journal(usage),
        *grant_reads(usage, regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *grant_own_resources(usage, "instance", regions, *_TERMINATION_PROTECTION, service="ec2"),
    ]


def drs_unprotect(usage: TaskUsage) -> list[Permission]:
    """Return permissions to turn off termination protection of what the run itself launched."""
    return [*drs_protect(usage), *grant_reads(usage, usage.collect_regions(), "drs:DescribeJobs")]


def drs_reverse(usage: TaskUsage) -> list[Permission]:
    """Return permissions to reverse replication in one Region and to tag the new source servers in the other."""
    regions, other_regions = usage.collect_regions("region"), usage.collect_regions("other_region")
    drills = usage.with_flag("is_drill")
    all_regions = sorted({*regions, *other_regions})
    return [
        *grant_journal(usage),
        *grant_reads(usage, all_regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *grant_reads(usage, regions, *_DESCRIBE_INSTANCES),
        *grant_own_resources(usage, "recovery-instance", regions, "drs:ReverseReplication"),
        # To remove leftovers of an earlier drill. Only a disconnected server can be deleted, and this role can't
        # disconnect one.
        *(
            grant_own_resources(
                drills, "source-server", drills.collect_regions("other_region"), "drs:DeleteSourceServer"
            )
            if drills
            else ()
        ),
        Permission(
            ("drs:TagResource",),
            tuple(f"arn:aws:drs:{region}:{usage.account}:source-server/*" for region in other_regions),
            {"ForAllValues:StringEquals": {"aws:TagKeys": _tag_keys(usage)}},
            reason="the source server that a reversal creates has no tags yet. Only the group's tags may be added",
        ),
    ]


def drs_await_replication(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read the state of replication."""
    return [*grant_journal(usage), *grant_reads(usage, usage.collect_regions(), "drs:DescribeSourceServers")]


def drs_discard(usage: TaskUsage) -> list[Permission]:
    """Return permissions to delete the copies that a drill's reversal created."""
    regions, other_regions = usage.collect_regions("region"), usage.collect_regions("other_region")
    all_regions = sorted({*regions, *other_regions})
    return [
        *grant_journal(usage),
        *grant_reads(usage, all_regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *grant_reads(usage, other_regions, "drs:DescribeJobs"),
        *grant_own_resources(usage, "source-server", regions, *_TEARDOWN),
    ]


def drs_retire(usage: TaskUsage) -> list[Permission]:
    """Return permissions to remove what ran in the Region that was left, once the other Region is protected."""
    regions, other_regions = usage.collect_regions("region"), usage.collect_regions("other_region")
    all_regions = sorted({*regions, *other_regions})
    return [
        *grant_journal(usage),
        *grant_reads(usage, all_regions, *_DESCRIBE_SERVERS, *_DESCRIBE_INSTANCES),
        *grant_own_resources(usage, "instance", regions, *_TERMINATION_PROTECTION, service="ec2"),
        *grant_own_resources(usage, "recovery-instance", regions, "drs:TerminateRecoveryInstances"),
        *grant_termination(usage, regions),
        *grant_own_resources(usage, "recovery-instance", other_regions, "drs:DeleteRecoveryInstance"),
        *grant_own_resources(usage, "source-server", other_regions, *_TEARDOWN),
        _grant_job_logs(usage, regions),
    ]


def ec2_terminate(usage: TaskUsage) -> list[Permission]:
    """Return permissions to terminate the instances that a failback has replaced."""
    regions, other_regions = usage.collect_regions("region"), usage.collect_regions("other_region")
    return [
        *grant_journal(usage),
        *grant_reads(usage, regions, "drs:DescribeRecoveryInstances", *_DESCRIBE_INSTANCES),
        *grant_reads(usage, other_regions, "drs:DescribeSourceServers"),
        *grant_own_resources(
            usage, "instance", regions, *_TERMINATION_PROTECTION, "ec2:TerminateInstances", service="ec2"
        ),
    ]


_TEARDOWN = ("drs:DeleteSourceServer", "drs:DisconnectSourceServer", "drs:StopReplication")


def _grant_job_logs(usage: TaskUsage, regions: tuple[str, ...] | None = None) -> Permission:
    return Permission(
        ("drs:DescribeJobLogItems",),
        tuple(f"arn:aws:drs:{region}:{usage.account}:job/*" for region in regions or usage.collect_regions()),
        reason="a job gets its id when it starts. Its log is only read",
    )


def _tag_keys(usage: TaskUsage) -> list[str]:
    """Return the tag keys of a reversal's source server: those of the group, and that of the run."""
    keys = {key for call in usage.calls for group in call.get("groups", ()) for key in group.get("tags") or ()}
    return sorted({*keys, "leeward:run"})
