"""Operations on jobs: start a recovery, terminate, describe, read the log, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.job_views import job as shown
from leeward.twin.aws.drs.job_views import log_item
from leeward.twin.aws.drs.recovery import start_recovery
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.drs.termination import terminate
from leeward.twin.aws.drs.times import parse
from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        DeleteJobRequestTypeDef,
        DescribeJobLogItemsRequestTypeDef,
        DescribeJobsRequestTypeDef,
        StartRecoveryRequestTypeDef,
        TerminateRecoveryInstancesRequestTypeDef,
    )


class JobOperations(RegionState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def start_recovery(self, params: StartRecoveryRequestTypeDef) -> Answer:
        """StartRecovery. It has no idempotency token: called twice, it is two jobs, or a conflict."""
        wanted = [(s["sourceServerID"], s.get("recoverySnapshotID")) for s in params["sourceServers"]]
        job = start_recovery(self, wanted, is_drill=params.get("isDrill", False), tags=params.get("tags", {}))
        return {"job": shown(job)}

    def terminate_recovery_instances(self, params: TerminateRecoveryInstancesRequestTypeDef) -> Answer:
        """TerminateRecoveryInstances."""
        return {"job": shown(terminate(self, params["recoveryInstanceIDs"]))}

    def describe_jobs(self, params: DescribeJobsRequestTypeDef) -> Answer:
        """DescribeJobs. Newest first, as the API reference says."""
        filters = params.get("filters", {})
        ids = filters.get("jobIDs")
        found = [job for job in reversed(self.jobs.values()) if not ids or job.job_id in ids]
        if "fromDate" in filters:
            found = [job for job in found if job.created_at >= parse(filters["fromDate"])]
        if "toDate" in filters:
            found = [job for job in found if job.created_at <= parse(filters["toDate"])]
        part, token = page(found, lambda job: job.job_id, params.get("nextToken"), params.get("maxResults"))
        items = [shown(job) for job in part]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def describe_job_log_items(self, params: DescribeJobLogItemsRequestTypeDef) -> Answer:
        """DescribeJobLogItems. In the order of what happened."""
        job = self.jobs.get(params["jobID"])
        if job is None:
            raise ValidationException(f"Job {params['jobID']} does not exist")
        numbered = list(enumerate(job.log))
        part, token = page(numbered, lambda n: str(n[0]), params.get("nextToken"), params.get("maxResults"))
        items = [log_item(item) for _, item in part]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def delete_job(self, params: DeleteJobRequestTypeDef) -> Answer:
        """DeleteJob: only one that has ended."""
        job = self.jobs.get(params["jobID"])
        if job is None:
            raise errors.no_such(params["jobID"], "Job")
        if job.active:
            raise errors.conflict(f"Job {job.job_id} is {job.status}", job.job_id, "Job")
        del self.jobs[job.job_id]
        return {}
