"""TerminateRecoveryInstances: a job that terminates EC2 instances and deletes their recovery instance records."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.ec2.ec2_instances import Ec2CallRejected
from leeward.twin.aws.drs.ec2.instance_launch import terminate_recovery_instance
from leeward.twin.aws.drs.jobs.job_runner import JobRunner, create_job
from leeward.twin.aws.drs.jobs.recovery_job import require_job_quota
from leeward.twin.aws.drs.source_servers.replication_reversal import is_failing_back
from leeward.twin.aws.drs.state.drs_records import Job, Participant, RecoveryInstance
from leeward.twin.aws.drs.state.region_state import DrsRegionState


def start_termination(region: DrsRegionState, recovery_instance_ids: Sequence[str]) -> Job:
    """Start the job. Raises ConflictException or ServiceQuotaExceededException."""
    instances = [_require_terminable(region, recovery_id) for recovery_id in dict.fromkeys(recovery_instance_ids)]
    # Only the request shape limits the number of instances in one termination.
    require_job_quota(region, len(instances), per_job=len(instances))
    participants = [Participant(i.server_id, recovery_instance_id=i.recovery_instance_id) for i in instances]
    job = create_job(region, "TERMINATE", "TERMINATE_RECOVERY_INSTANCES", participants, {})
    TerminationJobRunner(region, job).start()
    return job


def _require_terminable(region: DrsRegionState, recovery_id: str) -> RecoveryInstance:
    recovered = region.recovery_instances.get(recovery_id)
    if recovered is None:
        # The model has no ResourceNotFoundException for this operation.
        raise drs_errors.conflict_error(
            f"Recovery instance {recovery_id} does not exist", recovery_id, "RecoveryInstance"
        )
    region.require_idle(recovered.server_id)
    if is_failing_back(region, recovered):
        raise drs_errors.conflict_error(
            f"Recovery instance {recovery_id} is failing back: stop the replication of "
            f"{recovered.reversed_server_arn} first",
            recovery_id,
            "RecoveryInstance",
        )
    return recovered


class TerminationJobRunner(JobRunner):
    """Runs a termination job, with one cleanup per instance."""

    def begin_server(self, participant: Participant) -> None:
        """Schedule the termination of the server's instance."""
        participant.status = "IN_PROGRESS"
        recovered = self.region.recovery_instances[participant.recovery_instance_id or ""]
        self.append_log("CLEANUP_START", participant.server_id, instance_id=recovered.ec2_instance_id)
        self._call_later(
            self.add_jitter(self.region.shared.timings.terminate), partial(self._terminate_instance, participant)
        )

    def _terminate_instance(self, participant: Participant) -> None:
        recovered = self.region.recovery_instances.get(participant.recovery_instance_id or "")
        try:
            if recovered:
                terminate_recovery_instance(self.region, recovered)
        except Ec2CallRejected as refused:
            self.append_log("CLEANUP_FAIL", participant.server_id, raw_error=str(refused))
            self.finish_server(participant, "FAILED")
            return
        self.append_log("CLEANUP_END", participant.server_id)
        self.finish_server(participant, "TERMINATED")
