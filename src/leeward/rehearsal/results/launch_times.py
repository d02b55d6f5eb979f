"""How long the launches of a run took, for each server group, and what the duration rests on."""

from __future__ import annotations

from datetime import datetime

from leeward.rehearsal.results.result_models import LaunchTimeReport
from leeward.twin.aws.drs import DrsSimulator
from leeward.twin.aws.drs.conventions.quotas_and_timings import total_gib
from leeward.twin.internet.instances import GROUP_TAG


def launch_times(drs: DrsSimulator, region: str, *, begin: datetime, end: datetime) -> list[LaunchTimeReport]:
    """Return the slowest launch of each group in `region`, by jobs that were created from `begin` until `end`.

    A launch takes from the creation of the recovery job until the server is LAUNCHED. Failed launches don't count, and
    neither do the servers of other applications.
    """
    servers = {server.server_id: server for server in drs.servers(region)}
    slowest: dict[str, LaunchTimeReport] = {}
    for job in drs.jobs(region):
        if job.kind != "LAUNCH" or not begin <= job.created_at <= end:
            continue
        for participant in job.participants:
            server = servers.get(participant.server_id)
            if server is None or participant.status != "LAUNCHED" or participant.ended_at is None:
                continue
            group = server.tags.get(GROUP_TAG)
            if group is None:
                continue
            seconds = (participant.ended_at - job.created_at).total_seconds()
            if group not in slowest or slowest[group].seconds < seconds:
                slowest[group] = LaunchTimeReport(
                    group=group,
                    seconds=seconds,
                    disks_gib=total_gib(server.disks_gib),
                    assumed=not server.measured_times.cover_launch,
                )
    return [slowest[group] for group in sorted(slowest)]
