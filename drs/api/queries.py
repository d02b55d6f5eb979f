"""Read calls of the DRS API. Each reads all pages and returns models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import parse_response
from leeward.drs.api.models import (
    Job,
    LaunchConfiguration,
    LogItem,
    RecoveryInstance,
    ReplicationSource,
    Snapshot,
    SourceServer,
)
from leeward.drs.api.states import LaunchDisposition

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_drs.type_defs import (
        DescribeSourceServersRequestFiltersTypeDef,
        PaginatorConfigTypeDef,
        SourceServerTypeDef,
    )

T = TypeVar("T")
# DescribeSourceServers and DescribeRecoveryInstances accept at most 200 IDs in a filter (botocore's service model).
MAX_IDS = 200
# The service model states no largest page. DRS returns fewer if it has a limit, and the paginator goes on.
_PAGES: PaginatorConfigTypeDef = {"PageSize": 200}


def split_batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield `items` in order, in batches of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def format_time(moment: datetime) -> str:
    """Format a time for DRS: UTC, in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def list_source_servers(
    client: DrsClient, ids: Sequence[str] | None, has_wanted_tags: Callable[[Mapping[str, str]], bool]
) -> list[SourceServer]:
    """Return the Region's source servers whose tags satisfy `has_wanted_tags`, ordered by ID.

    With `ids`, return only those servers. Only matching servers are validated, so that an unexpected value in a server
    of another application doesn't stop the caller.
    """
    call = "drs:DescribeSourceServers"
    found: list[SourceServer] = []
    batches: list[Sequence[str] | None] = [None] if ids is None else list(split_batches(ids, MAX_IDS))
    with translate_errors(call):
        for batch in batches:
            filters: DescribeSourceServersRequestFiltersTypeDef = {} if batch is None else {"sourceServerIDs": batch}
            for page in client.get_paginator("describe_source_servers").paginate(
                PaginationConfig=_PAGES, filters=filters
            ):
                found += [
                    parse_response(SourceServer, item, call)
                    for item in page["items"]
                    if has_wanted_tags(item.get("tags", {}))
                ]
    return sorted(found, key=lambda server: server.id)


def list_unparsed_servers(client: DrsClient) -> list[SourceServerTypeDef]:
    """Return all source servers of the Region as DRS returns them."""
    with translate_errors("drs:DescribeSourceServers"):
        pages = client.get_paginator("describe_source_servers").paginate(PaginationConfig=_PAGES, filters={})
        return [item for page in pages for item in page["items"]]


def parse_opposite_servers(
    unparsed: Iterable[SourceServerTypeDef], servers: Sequence[SourceServer]
) -> list[SourceServer]:
    """Return, of another Region's servers, those that replicate in the opposite direction, ordered by ID.

    Only one server of a pair may name the other (`reversedDirectionSourceServerArn`), so check both.
    """
    arns = {server.arn for server in servers if server.arn}
    opposite_arns = {server.opposite for server in servers if server.opposite}
    found = [
        parse_response(SourceServer, item, "drs:DescribeSourceServers")
        for item in unparsed
        if item.get("reversedDirectionSourceServerArn") in arns or item.get("arn") in opposite_arns
    ]
    return sorted(found, key=lambda server: server.id)


def list_opposite_servers(client: DrsClient, servers: Sequence[SourceServer]) -> list[SourceServer]:
    """Return the source servers of the client's Region that replicate in the opposite direction, ordered by ID."""
    return parse_opposite_servers(list_unparsed_servers(client), servers)


def list_protected_machines(client: DrsClient, region: str) -> set[str]:
    """Return the EC2 IDs of the instances in `region` that any source server of the client's Region protects."""
    call = "drs:DescribeSourceServers"
    with translate_errors(call):
        pages = client.get_paginator("describe_source_servers").paginate(PaginationConfig=_PAGES, filters={})
        found = [parse_response(ReplicationSource, item, call) for page in pages for item in page["items"]]
    return {source.machine for source in found if source.machine is not None and source.cloud.region == region}


def count_source_servers(client: DrsClient) -> int:
    """Return the number of all source servers in the Region."""
    with translate_errors("drs:DescribeSourceServers"):
        pages = client.get_paginator("describe_source_servers").paginate(PaginationConfig=_PAGES, filters={})
        return sum(len(page["items"]) for page in pages)


def list_jobs_since(client: DrsClient, since: datetime) -> list[Job]:
    """Return all jobs of the Region that were created since then, oldest first."""
    call = "drs:DescribeJobs"
    with translate_errors(call):
        pages = client.get_paginator("describe_jobs").paginate(
            PaginationConfig=_PAGES, filters={"fromDate": format_time(since)}
        )
        found = [parse_response(Job, item, call) for page in pages for item in page["items"]]
    return sorted(found, key=lambda job: (job.created, job.id))


def get_jobs(client: DrsClient, ids: Sequence[str]) -> list[Job]:
    """Return the jobs with these IDs that DRS knows, oldest first."""
    if not ids:
        return []
    call = "drs:DescribeJobs"
    with translate_errors(call):
        pages = client.get_paginator("describe_jobs").paginate(PaginationConfig=_PAGES, filters={"jobIDs": list(ids)})
        found = [parse_response(Job, item, call) for page in pages for item in page["items"]]
    return sorted(found, key=lambda job: (job.created, job.id))


def get_job_log(client: DrsClient, job_id: str) -> list[LogItem]:
    """Return the log of one job in order."""
    call = "drs:DescribeJobLogItems"
    with translate_errors(call):
        pages = client.get_paginator("describe_job_log_items").paginate(PaginationConfig=_PAGES, jobID=job_id)
        return [parse_response(LogItem, item, call) for page in pages for item in page["items"]]


def list_recovery_instances(client: DrsClient, servers: Sequence[str]) -> list[RecoveryInstance]:
    """Return the recovery instances of these source servers, ordered by server."""
    call = "drs:DescribeRecoveryInstances"
    found: list[RecoveryInstance] = []
    with translate_errors(call):
        for batch in split_batches(servers, MAX_IDS):
            pages = client.get_paginator("describe_recovery_instances").paginate(
                PaginationConfig=_PAGES, filters={"sourceServerIDs": list(batch)}
            )
            found += [parse_response(RecoveryInstance, item, call) for page in pages for item in page["items"]]
    return sorted(found, key=lambda instance: (instance.server, instance.id))


def list_all_recovery_instances(client: DrsClient) -> list[RecoveryInstance]:
    """Return all recovery instances in the Region, ordered by server."""
    call = "drs:DescribeRecoveryInstances"
    with translate_errors(call):
        pages = client.get_paginator("describe_recovery_instances").paginate(PaginationConfig=_PAGES, filters={})
        found = [parse_response(RecoveryInstance, item, call) for page in pages for item in page["items"]]
    return sorted(found, key=lambda instance: (instance.server, instance.id))


def list_snapshots(client: DrsClient, server: str, until: datetime) -> Iterator[Snapshot]:
    """Yield the server's recovery snapshots up to `until`, newest first."""
    call = "drs:DescribeRecoverySnapshots"
    with translate_errors(call):
        pages = client.get_paginator("describe_recovery_snapshots").paginate(
            sourceServerID=server, filters={"toDateTime": format_time(until)}, order="DESC"
        )
        for page in pages:
            for item in page["items"]:
                yield parse_response(Snapshot, item, call)


def get_launch_disposition(client: DrsClient, server: str) -> LaunchDisposition:
    """Return the launch disposition from the server's launch settings."""
    call = "drs:GetLaunchConfiguration"
    with translate_errors(call):
        answer = client.get_launch_configuration(sourceServerID=server)
    return parse_response(LaunchConfiguration, answer, call).disposition
