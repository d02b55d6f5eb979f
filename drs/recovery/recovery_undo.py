"""Roll back a recovery: terminate only the instances that this run's own jobs launched.

A recovery instance names its job, and the job has the run's tag. Instances that existed before stay. Of the runs that
this run took over from, only drill instances are terminated, and only on request, because the instances that
they recovered may serve users.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.claims.types.server_claims import Terminated
from leeward.common.errors import Busy
from leeward.common.polling import PollResult
from leeward.drs.api import queries
from leeward.drs.api.models import Job, RecoveryInstance
from leeward.drs.inventory.recovery_jobs import launch_jobs
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.launch.launch_intents import LaunchIntent

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

# TerminateRecoveryInstances accepts at most 200 IDs (botocore's service model).
_MAX_IDS = 200
# The clocks of DRS and Lambda may differ.
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
    """Terminate the run's own instances, or check the progress. Done when none is left.

    `unanswered` are launch intents whose job may still appear. A launch in progress must finish first, because DRS has
    no call to cancel a job. `drill_runs` are other runs whose drill instances are terminated too.
    """
    servers = [server for _, found in resolve_groups(drs, groups, region) for server in found]
    ids = sorted({server.id for server in servers})
    instances = queries.list_recovery_instances(drs, ids)
    jobs = queries.list_jobs_since(drs, started_at - _CLOCK_SKEW)
    unlisted = {instance.job for instance in instances if instance.job} - {job.id for job in jobs}
    jobs += queries.get_jobs(drs, sorted(unlisted))  # jobs of earlier runs
    launches = launch_jobs(jobs, run) + [j for r in drill_runs for j in launch_jobs(jobs, r) if j.is_drill]
    own = [job for job in launches if any(job.participant(server) for server in ids)]
    launching = sorted(job.id for job in own if job.is_active)
    unseen = sum(1 for intent in unanswered if set(intent.servers) & set(ids))
    own_ids = {job.id for job in own}
    remaining = [instance for instance in instances if instance.job in own_ids and instance.is_live]
    notes = [f"{job} still launches" for job in launching]
    if unseen:
        notes.append(f"{unseen} StartRecovery calls without a response: waiting for a job to appear")
    notes += _terminate_instances(drs, remaining, jobs)
    done = not (launching or unseen or remaining)
    if done:
        return PollResult.reached(Terminated(what="launched", region=region))
    return PollResult(False, "; ".join(notes))


def _terminate_instances(drs: DrsClient, instances: Sequence[RecoveryInstance], jobs: Sequence[Job]) -> list[str]:
    busy = {part.server for job in jobs if job.is_active for part in job.participants}
    idle = [instance for instance in instances if instance.server not in busy]
    notes = [f"{len(instances) - len(idle)} being terminated"] if len(instances) > len(idle) else []
    for batch in queries.split_batches(idle, _MAX_IDS):
        try:
            with translate_errors("drs:TerminateRecoveryInstances"):
                drs.terminate_recovery_instances(recoveryInstanceIDs=[instance.id for instance in batch])
        except Busy as error:
            notes.append(f"{error}; looking again")
        else:
            notes.append(f"terminating {', '.join(instance.ec2_instance for instance in batch)}")
    return notes
