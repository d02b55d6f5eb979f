"""The permissions of the task `drs_reverse`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import DESCRIBE_INSTANCES
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_own_resources, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to reverse replication in one Region and to tag the new source servers in the other."""
    regions, other_regions = usage.collect_regions("region"), usage.collect_regions("other_region")
    drills = usage.with_flag("is_drill")
    all_regions = sorted({*regions, *other_regions})
    return [
        *grant_journal(usage),
        *grant_reads(usage, all_regions, "drs:DescribeRecoveryInstances", "drs:DescribeSourceServers"),
        *grant_reads(usage, regions, *DESCRIBE_INSTANCES),
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


def _tag_keys(usage: TaskUsage) -> list[str]:
    """Return the tag keys of a reversal's source server: those of the group, and that of the run."""
    keys = {key for call in usage.calls for group in call.get("groups", ()) for key in group.get("tags") or ()}
    return sorted({*keys, "leeward:run"})
