"""Take a recovery back: terminate what this run's own jobs launched, and nothing else.

Whose an instance is, DRS says itself: a recovery instance names its job, and the job carries the run's tag. An
instance that was there before stays. Of the runs that this one took over only drills are terminated, where that is
asked for: what they recovered for real may be serving.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.common.aws import naming_errors
from leeward.common.errors import Busy
from leeward.common.polling import Look
from leeward.drs import calls
from leeward.drs.jobs import launches_of
from leeward.drs.model import Job, RecoveryInstance
from leeward.drs.orders import Order
from leeward.drs.servers import Group, resolve_each

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

# TerminateRecoveryInstances takes at most 200 (botocore's service model).
_MOST = 200
# The service's clock and ours may differ.
_SKEW = timedelta(minutes=5)


def take_back(
    drs: DrsClient,
    groups: Sequence[Group],
    region: str,
    run: str,
    *,
    started_at: datetime,
    unanswered: Sequence[Order],
    drills_of: Sequence[str] = (),
) -> Look:
    """Terminate, or look how far it is. Done when none of the run's own instances is left.

    `unanswered`: orders whose launch may still appear. A launch under way is let end first: DRS has no call to cancel a
    job. `drills_of`: runs whose drills are terminated too.
    """
    servers = [server for _, found in resolve_each(drs, groups, region) for server in found]
    ids = sorted({server.id for server in servers})
    instances = calls.recovery_instances(drs, ids)
    jobs = calls.jobs_since(drs, started_at - _SKEW)
    named = {instance.job for instance in instances if instance.job} - {job.id for job in jobs}
    jobs += calls.jobs_by_id(drs, sorted(named))  # those of earlier runs
    launches = launches_of(jobs, run) + [j for r in drills_of for j in launches_of(jobs, r) if j.is_drill]
    own = [job for job in launches if any(job.participant(server) for server in ids)]
    coming = sorted(job.id for job in own if job.active)
    unseen = sum(1 for order in unanswered if set(order.servers) & set(ids))
    mine = {job.id for job in own}
    left = [instance for instance in instances if instance.job in mine and instance.live]
    notes = [f"{job} still launches" for job in coming]
    if unseen:
        notes.append(f"{unseen} StartRecovery without an answer: waiting whether a job appears")
    notes += _terminate(drs, left, jobs)
    done = not (coming or unseen or left)
    return Look(done, "no instance that this run launched is left" if done else "; ".join(notes))


def _terminate(drs: DrsClient, left: Sequence[RecoveryInstance], jobs: Sequence[Job]) -> list[str]:
    busy = {part.server for job in jobs if job.active for part in job.participants}
    idle = [instance for instance in left if instance.server not in busy]
    notes = [f"{len(left) - len(idle)} being terminated"] if len(left) > len(idle) else []
    for some in calls.batches(idle, _MOST):
        try:
            with naming_errors("drs:TerminateRecoveryInstances"):
                drs.terminate_recovery_instances(recoveryInstanceIDs=[instance.id for instance in some])
        except Busy as error:
            notes.append(f"{error}; looking again")
        else:
            notes.append(f"terminating {', '.join(instance.ec2_instance for instance in some)}")
    return notes
