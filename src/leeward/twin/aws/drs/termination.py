"""TerminateRecoveryInstances: a job that ends the EC2 instances and then forgets the recovery instances."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.ec2 import Ec2Refused
from leeward.twin.aws.drs.jobs import JobRun, new_job
from leeward.twin.aws.drs.launching import remove
from leeward.twin.aws.drs.model import Job, Participant, RecoveryInstance
from leeward.twin.aws.drs.recovery import require_room
from leeward.twin.aws.drs.reversal import in_failback
from leeward.twin.aws.drs.state import RegionState


def terminate(region: RegionState, recovery_instance_ids: Sequence[str]) -> Job:
    """Starts the job. Raises ConflictException or ServiceQuotaExceededException."""
    doomed = [_require_terminable(region, recovery_id) for recovery_id in dict.fromkeys(recovery_instance_ids)]
    # The request's shape is the only limit on one termination.
    require_room(region, len(doomed), per_job=len(doomed))
    participants = [Participant(d.server_id, recovery_instance_id=d.recovery_instance_id) for d in doomed]
    job = new_job(region, "TERMINATE", "TERMINATE_RECOVERY_INSTANCES", participants, {})
    TerminationRun(region, job).start()
    return job


def _require_terminable(region: RegionState, recovery_id: str) -> RecoveryInstance:
    recovered = region.instances.get(recovery_id)
    if recovered is None:
        # The model lists no ResourceNotFoundException for this operation.
        raise errors.conflict(f"Recovery instance {recovery_id} does not exist", recovery_id, "RecoveryInstance")
    region.require_idle(recovered.server_id)
    if in_failback(region, recovered):
        raise errors.conflict(
            f"Recovery instance {recovery_id} is failing back: stop the replication of {recovered.reversed_arn} first",
            recovery_id,
            "RecoveryInstance",
        )
    return recovered


class TerminationRun(JobRun):
    """One clean-up per instance."""

    def begin(self, participant: Participant) -> None:
        """EC2 takes its time."""
        participant.status = "IN_PROGRESS"
        doomed = self.region.instances[participant.recovery_instance_id or ""]
        self.log("CLEANUP_START", participant.server_id, instance_id=doomed.ec2_instance_id)
        self._after(self.jittered(self.region.shared.timings.terminate), partial(self._clean, participant))

    def _clean(self, participant: Participant) -> None:
        recovered = self.region.instances.get(participant.recovery_instance_id or "")
        try:
            if recovered:
                remove(self.region, recovered)
        except Ec2Refused as refused:
            self.log("CLEANUP_FAIL", participant.server_id, raw_error=str(refused))
            self.finish(participant, "FAILED")
            return
        self.log("CLEANUP_END", participant.server_id)
        self.finish(participant, "TERMINATED")
