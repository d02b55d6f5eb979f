"""API operations on jobs: start recovery, terminate, describe, list log items, and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.conventions.timestamps import parse_timestamp
from leeward.twin.aws.drs.jobs.recovery_job import start_recovery
from leeward.twin.aws.drs.jobs.termination_job import start_termination
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.views.job_views import job_view, log_item_view
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        DeleteJobRequestTypeDef,
        DescribeJobLogItemsRequestTypeDef,
        DescribeJobsRequestTypeDef,
        StartRecoveryRequestTypeDef,
        TerminateRecoveryInstancesRequestTypeDef,
    )


class JobOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def start_recovery(self, params: StartRecoveryRequestTypeDef) -> OperationResult:
        """Implement StartRecovery. It has no idempotency token, so a second call starts another job or conflicts."""
        wanted = [(s["sourceServerID"], s.get("recoverySnapshotID")) for s in params["sourceServers"]]
        job = start_recovery(self, wanted, is_drill=params.get("isDrill", False), tags=params.get("tags", {}))
        return {"job": job_view(job)}

    def terminate_recovery_instances(self, params: TerminateRecoveryInstancesRequestTypeDef) -> OperationResult:
        """Implement TerminateRecoveryInstances."""
        return {"job": job_view(start_termination(self, params["recoveryInstanceIDs"]))}

    def describe_jobs(self, params: DescribeJobsRequestTypeDef) -> OperationResult:
        """Implement DescribeJobs. Newest first, as the API reference says."""
        filters = params.get("filters", {})
        ids = filters.get("jobIDs")
        found = [job for job in reversed(self.jobs.values()) if not ids or job.job_id in ids]
        if "fromDate" in filters:
            found = [job for job in found if job.created_at >= parse_timestamp(filters["fromDate"])]
        if "toDate" in filters:
            found = [job for job in found if job.created_at <= parse_timestamp(filters["toDate"])]
        page, token = paginate(found, lambda job: job.job_id, params.get("nextToken"), params.get("maxResults"))
        items = [job_view(job) for job in page]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def describe_job_log_items(self, params: DescribeJobLogItemsRequestTypeDef) -> OperationResult:
        """Implement DescribeJobLogItems. Oldest first."""
        job = self.jobs.get(params["jobID"])
        if job is None:
            raise ValidationException(f"Job {params['jobID']} does not exist")
        numbered = list(enumerate(job.log))
        page, token = paginate(numbered, lambda n: str(n[0]), params.get("nextToken"), params.get("maxResults"))
        items = [log_item_view(item) for _, item in page]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def delete_job(self, params: DeleteJobRequestTypeDef) -> OperationResult:
        """Implement DeleteJob. Rejected while the job is active."""
        job = self.jobs.get(params["jobID"])
        if job is None:
            raise drs_errors.not_found_error(params["jobID"], "Job")
        if job.is_active:
            raise drs_errors.conflict_error(f"Job {job.job_id} is {job.status}", job.job_id, "Job")
        del self.jobs[job.job_id]
        return {}
