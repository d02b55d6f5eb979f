"""Take a recovery back: terminate what this run's own jobs launched, and nothing else.

Whose an instance is, DRS says itself: a recovery instance names its job, and the job carries the run's tag. An
instance that the run took over, or that was there before, stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from common.aws import naming_errors
from common.errors import Busy
from common.polling import Look
from drs import calls
from drs.jobs import launches_of
from drs.model import Job, RecoveryInstance
from drs.orders import Order
from drs.servers import Group, resolve

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
) -> Look:
    """Terminate, or look how far it is. Done when none of the run's own instances is left.

    `unanswered`: orders of the run whose launch may still appear. A launch under way is let end first: DRS has no call
    to cancel a job.
    """
    servers = [server for group in groups for server in resolve(drs, group, region)]
    ids = sorted({server.id for server in servers})
    jobs = calls.jobs_since(drs, started_at - _SKEW)
    own = [job for job in launches_of(jobs, run) if any(job.participant(server) for server in ids)]
    coming = sorted(job.id for job in own if job.active)
    unseen = sum(1 for order in unanswered if set(order.servers) & set(ids))
    mine = {job.id for job in own}
    left = [i for i in calls.recovery_instances(drs, ids) if i.job in mine and i.live]
    notes = [f"{job} still launches" for job in coming]
    if unseen:
        notes.append(f"{unseen} StartRecovery without an answer: waiting whether a job appears")
    notes += _terminate(drs, left, jobs)
    done = not (coming or unseen or left)
    if done:
        return Look(True, "no instance that this run launched is left", {"undone": True})
    return Look(False, "; ".join(notes), {"undone": True})


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
