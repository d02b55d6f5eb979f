"""Take a recovery back: terminate what this run's own jobs launched, and nothing else.

Whose an instance is, DRS says itself: a recovery instance names its job, and the job carries the run's tag. An
instance that was there before stays. Of the runs that this one took over only drills are terminated, where that is
asked for: what they recovered for real may be serving.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import Busy
from leeward.common.polling import PollResult
from leeward.drs.api import queries
from leeward.drs.api.models import Job, RecoveryInstance
from leeward.drs.inventory.recovery_jobs import launch_jobs
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.launch.launch_intents import LaunchIntent

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

# TerminateRecoveryInstances takes at most 200 (botocore's service model).
_MAX_IDS = 200
# The service's clock and ours may differ.
_CLOCK_SKEW = timedelta(minutes=5)


def undo_recovery(
    drs: DrsClient,
    groups: Sequence[ServerGroup],
    region: str,
    run: str,
    *,
    started_at: datetime,
    unanswered: Sequence[LaunchIntent],
    drill_runs: Sequence[str] = (),
) -> PollResult:
    """Terminate, or look how far it is. Done when none of the run's own instances is left.

    `unanswered`: orders whose launch may still appear. A launch under way is let end first: DRS has no call to cancel a
    job. `drills_of`: runs whose drills are terminated too.
    """
    servers = [server for _, found in resolve_groups(drs, groups, region) for server in found]
    ids = sorted({server.id for server in servers})
    instances = queries.list_recovery_instances(drs, ids)
    jobs = queries.list_jobs_since(drs, started_at - _CLOCK_SKEW)
    named = {instance.job for instance in instances if instance.job} - {job.id for job in jobs}
    jobs += queries.get_jobs(drs, sorted(named))  # those of earlier runs
    launches = launch_jobs(jobs, run) + [j for r in drill_runs for j in launch_jobs(jobs, r) if j.is_drill]
    own = [job for job in launches if any(job.participant(server) for server in ids)]
    coming = sorted(job.id for job in own if job.is_active)
    unseen = sum(1 for order in unanswered if set(order.servers) & set(ids))
    mine = {job.id for job in own}
    left = [instance for instance in instances if instance.job in mine and instance.is_live]
    notes = [f"{job} still launches" for job in coming]
    if unseen:
        notes.append(f"{unseen} StartRecovery without an answer: waiting whether a job appears")
    notes += _terminate_instances(drs, left, jobs)
    done = not (coming or unseen or left)
    return PollResult(done, "no instance that this run launched is left" if done else "; ".join(notes))


def _terminate_instances(drs: DrsClient, instances: Sequence[RecoveryInstance], jobs: Sequence[Job]) -> list[str]:
    busy = {part.server for job in jobs if job.is_active for part in job.participants}
    idle = [instance for instance in instances if instance.server not in busy]
    notes = [f"{len(instances) - len(idle)} being terminated"] if len(instances) > len(idle) else []
    for some in queries.split_batches(idle, _MAX_IDS):
        try:
            with translate_errors("drs:TerminateRecoveryInstances"):
                drs.terminate_recovery_instances(recoveryInstanceIDs=[instance.id for instance in some])
        except Busy as error:
            notes.append(f"{error}; looking again")
        else:
            notes.append(f"terminating {', '.join(instance.ec2_instance for instance in some)}")
    return notes
