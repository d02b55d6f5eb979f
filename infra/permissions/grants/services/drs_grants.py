"""Permissions that several Elastic Disaster Recovery tasks share."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_launch_grants import grant_launch
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_own_resources, grant_reads

DESCRIBE_SERVERS = ("drs:DescribeJobs", "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers")
DESCRIBE_INSTANCES = ("ec2:DescribeInstanceStatus", "ec2:DescribeInstances")
TERMINATION_PROTECTION = ("ec2:DescribeInstanceAttribute", "ec2:ModifyInstanceAttribute")
TEARDOWN = ("drs:DeleteSourceServer", "drs:DisconnectSourceServer", "drs:StopReplication")


def grant_recovery(usage: TaskUsage) -> list[Permission]:
    """Return permissions to launch servers, to follow the jobs, and to read their logs."""
    regions = usage.collect_regions()
    return [
        *grant_journal(usage, "DeleteItem", "GetItem"),
        *grant_reads(usage, regions, *DESCRIBE_SERVERS, *DESCRIBE_INSTANCES),
        *grant_own_resources(usage, "source-server", regions, "drs:DescribeRecoverySnapshots", "drs:StartRecovery"),
        grant_job_logs(usage),
        *grant_launch(usage, regions),
    ]


def grant_termination_protection(usage: TaskUsage) -> list[Permission]:
    """Return permissions to set termination protection and to read it."""
    regions = usage.collect_regions()
    return [
        *grant_journal(usage),
        *grant_reads(usage, regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *grant_own_resources(usage, "instance", regions, *TERMINATION_PROTECTION, service="ec2"),
    ]


def grant_job_logs(usage: TaskUsage, regions: tuple[str, ...] | None = None) -> Permission:
    return Permission(
        ("drs:DescribeJobLogItems",),
        tuple(f"arn:aws:drs:{region}:{usage.account}:job/*" for region in regions or usage.collect_regions()),
        reason="a job gets its id when it starts. Its log is only read",
    )
