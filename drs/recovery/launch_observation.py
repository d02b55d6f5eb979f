"""Observes several groups in DRS, EC2, and the state table, with as few calls as their servers allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.drs.api import queries
from leeward.drs.api.models import Job, Participant
from leeward.drs.api.states import JobStatus, ReplicationDirection
from leeward.drs.inventory.recovery_instances import describe_instances
from leeward.drs.inventory.recovery_jobs import LAUNCH_JOB
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.launch.launch_intents import LaunchIntent
from leeward.drs.launch.server_status import ObservedState

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client

# Other callers' jobs count against the quotas too. A job that began before this period is no longer active.
JOB_HISTORY = timedelta(hours=24)


@dataclass(slots=True)
class LaunchObservation:
    """What was observed of each group, and the jobs that were started since, so that the quotas count them."""

    groups: Mapping[str, ObservedState]
    now: datetime
    _started: list[Job] = field(default_factory=list)

    def of_group(self, group: str) -> ObservedState:
        """Return the group's state, with the jobs that were started since."""
        state = self.groups[group]
        return ObservedState(
            state.servers, [*state.jobs, *self._started], state.intents, state.instances, state.ec2_instances, self.now
        )

    def note_started(self, job: str, servers: Sequence[str]) -> None:
        """Add a job that this call started."""
        participants = tuple(Participant(sourceServerID=server) for server in servers)
        self._started.append(
            Job(
                jobID=job,
                type=LAUNCH_JOB,
                status=JobStatus.PENDING.value,
                creationDateTime=self.now,
                participatingServers=participants,
            )
        )


def observe_groups(
    drs: DrsClient,
    ec2: EC2Client,
    groups: Sequence[ServerGroup],
    region: str,
    direction: ReplicationDirection | None,
    *,
    intents_by_group: Mapping[str, Sequence[LaunchIntent]],
    started_at: datetime,
    now: datetime,
) -> LaunchObservation:
    """Observe the groups. Raises NotFound for the first group that is incomplete.

    The jobs are all recent jobs of the Region, and those of any age that an intent or an instance names.
    """
    resolved = resolve_groups(drs, groups, region, direction)
    servers = sorted({server.id for _, found in resolved for server in found})
    instances = queries.list_recovery_instances(drs, servers)
    named = [intent.job for intents in intents_by_group.values() for intent in intents]
    jobs = _list_jobs(drs, started_at, [*named, *(instance.job for instance in instances)])
    ec2_instances = describe_instances(ec2, [instance.ec2_instance for instance in instances])
    return LaunchObservation(
        {
            group.name: ObservedState(
                found,
                jobs,
                intents_by_group.get(group.name, ()),
                [i for i in instances if any(i.server == server.id for server in found)],
                ec2_instances,
                now,
            )
            for group, found in resolved
        },
        now,
    )


def _list_jobs(drs: DrsClient, started_at: datetime, named: Sequence[str | None]) -> list[Job]:
    listed = queries.list_jobs_since(drs, started_at - JOB_HISTORY)
    known = {job.id for job in listed}
    unlisted = sorted({job for job in named if job is not None} - known)
    return listed + queries.get_jobs(drs, unlisted)
