"""Elastic Disaster Recovery, and the EC2 machines behind it."""

from __future__ import annotations

from leeward.infra.permissions.common import acting, journal, looking, topic_check
from leeward.infra.permissions.launches import launching, terminating
from leeward.infra.permissions.model import Permission
from leeward.infra.permissions.uses import Uses

_STANDING = ("drs:DescribeJobs", "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers")
_MACHINES = ("ec2:DescribeInstanceStatus", "ec2:DescribeInstances")
_PROTECTION = ("ec2:DescribeInstanceAttribute", "ec2:ModifyInstanceAttribute")


def preflight(use: Uses) -> list[Permission]:
    """Looks at everything that the run will touch."""
    regions = use.regions()
    found = [
        *journal(use),
        *topic_check(use),
        *looking(use, regions, *_STANDING, *_MACHINES),
        *acting(use, "source-server", regions, "drs:DescribeRecoverySnapshots", "drs:GetLaunchConfiguration"),
    ]
    if use.values("target_groups"):
        found += looking(use, regions, "elasticloadbalancing:DescribeTargetGroups")
    if use.values("controls"):
        found.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), use.values("controls")))
    return found


def drs_recover(use: Uses) -> list[Permission]:
    """Starts the servers, follows the jobs, and says from their log what went wrong."""
    regions = use.regions()
    return [
        *journal(use, "DeleteItem", "GetItem"),
        *looking(use, regions, *_STANDING, *_MACHINES),
        *acting(use, "source-server", regions, "drs:DescribeRecoverySnapshots", "drs:StartRecovery"),
        _job_logs(use),
        *launching(use, regions),
    ]


def drs_launch_into(use: Uses) -> list[Permission]:
    """As a recovery, into instances that are there: it names them in the servers' launch settings."""
    return [*drs_recover(use), *acting(use, "source-server", use.regions(), "drs:UpdateLaunchConfiguration")]


def drs_recovery_plan(use: Uses) -> list[Permission]:
    """Executes a Recovery Plan and follows it."""
    regions = use.regions()
    plans = tuple(
        plan if plan.startswith("arn:") else f"arn:aws:drs:{region}:{use.account}:recovery-plan/{plan}"
        for plan in use.values("plan_id")
        for region in regions
    )
    executions = tuple(f"arn:aws:drs:{region}:{use.account}:recovery-plan-execution/*" for region in regions)
    return [
        *journal(use, "GetItem"),
        *looking(use, regions, *_STANDING, *_MACHINES, "drs:ListRecoveryPlans"),
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
            why="a plan's execution gets its id when it is started",
        ),
        _job_logs(use),
        *launching(use, regions),
    ]


def drs_recover_undo(use: Uses) -> list[Permission]:
    """Terminates what the run's own jobs launched."""
    regions = use.regions()
    return [
        *journal(use),
        *looking(use, regions, *_STANDING),
        *acting(use, "recovery-instance", regions, "drs:TerminateRecoveryInstances"),
        *terminating(use, regions),
    ]


def drs_protect(use: Uses) -> list[Permission]:
    """Sets termination protection, and reads it back."""
    regions = use.regions()
    return [
        *journal(use),
        *looking(use, regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *acting(use, "instance", regions, *_PROTECTION, of="ec2"),
    ]


def drs_unprotect(use: Uses) -> list[Permission]:
    """Takes it away again from what the run itself launched."""
    return [*drs_protect(use), *looking(use, use.regions(), "drs:DescribeJobs")]


def drs_reverse(use: Uses) -> list[Permission]:
    """Reverses replication in one Region, and marks what appears in the other."""
    here, there = use.regions("region"), use.regions("other_region")
    drills = use.only("is_drill")
    both = sorted({*here, *there})
    return [
        *journal(use),
        *looking(use, both, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *looking(use, here, *_MACHINES),
        *acting(use, "recovery-instance", here, "drs:ReverseReplication"),
        # What a drill has left before. Only a disconnected server can be deleted, and this role can't disconnect one.
        *(acting(drills, "source-server", drills.regions("other_region"), "drs:DeleteSourceServer") if drills else ()),
        Permission(
            ("drs:TagResource",),
            tuple(f"arn:aws:drs:{region}:{use.account}:source-server/*" for region in there),
            {"ForAllValues:StringEquals": {"aws:TagKeys": _marks(use)}},
            why="the source server that a reversal makes has no tags yet; only the group's own may be put on it",
        ),
    ]


def drs_await_replication(use: Uses) -> list[Permission]:
    """Looks how far replication is."""
    return [*journal(use), *looking(use, use.regions(), "drs:DescribeSourceServers")]


def drs_discard(use: Uses) -> list[Permission]:
    """Takes away the copies that a drill's reversal made."""
    here, there = use.regions("region"), use.regions("other_region")
    both = sorted({*here, *there})
    return [
        *journal(use),
        *looking(use, both, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *looking(use, there, "drs:DescribeJobs"),
        *acting(use, "source-server", here, *_DISMANTLING),
    ]


def drs_retire(use: Uses) -> list[Permission]:
    """Takes away what the Region that was left ran, once the other protects."""
    here, there = use.regions("region"), use.regions("other_region")
    both = sorted({*here, *there})
    return [
        *journal(use),
        *looking(use, both, *_STANDING, *_MACHINES),
        *acting(use, "instance", here, *_PROTECTION, of="ec2"),
        *acting(use, "recovery-instance", here, "drs:TerminateRecoveryInstances"),
        *terminating(use, here),
        *acting(use, "recovery-instance", there, "drs:DeleteRecoveryInstance"),
        *acting(use, "source-server", there, *_DISMANTLING),
        _job_logs(use, here),
    ]


def ec2_terminate(use: Uses) -> list[Permission]:
    """Terminates the machines that the failover left behind."""
    here, there = use.regions("region"), use.regions("other_region")
    return [
        *journal(use),
        *looking(use, here, "drs:DescribeRecoveryInstances", *_MACHINES),
        *looking(use, there, "drs:DescribeSourceServers"),
        *acting(use, "instance", here, *_PROTECTION, "ec2:TerminateInstances", of="ec2"),
    ]


_DISMANTLING = ("drs:DeleteSourceServer", "drs:DisconnectSourceServer", "drs:StopReplication")


def _job_logs(use: Uses, regions: tuple[str, ...] | None = None) -> Permission:
    return Permission(
        ("drs:DescribeJobLogItems",),
        tuple(f"arn:aws:drs:{region}:{use.account}:job/*" for region in regions or use.regions()),
        why="a job gets its id when it is started; its log is only read",
    )


def _marks(use: Uses) -> list[str]:
    """The keys that a reversal's source server is tagged with: the group's, and the run's."""
    keys = {key for call in use.calls for group in call.get("groups", ()) for key in group.get("tags") or ()}
    return sorted({*keys, "leeward:run"})
