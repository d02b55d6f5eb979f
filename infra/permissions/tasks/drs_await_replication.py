"""The permissions of the task `drs_await_replication`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read the state of replication."""
    return [*grant_journal(usage), *grant_reads(usage, usage.collect_regions(), "drs:DescribeSourceServers")]
