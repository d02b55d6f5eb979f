"""The permissions of the task `drs_recovery_plan`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import DESCRIBE_INSTANCES, DESCRIBE_SERVERS, grant_job_logs
from leeward.infra.permissions.grants.services.drs_launch_grants import grant_launch
from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_reads


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to execute a Recovery Plan and to follow it."""
    regions = usage.collect_regions()
    plans = tuple(
        plan if plan.startswith("arn:") else f"arn:aws:drs:{region}:{usage.account}:recovery-plan/{plan}"
        for plan in usage.collect_values("plan_id")
        for region in regions
    )
    executions = tuple(f"arn:aws:drs:{region}:{usage.account}:recovery-plan-execution/*" for region in regions)
    return [
        *grant_journal(usage, "GetItem"),
        *grant_reads(usage, regions, *DESCRIBE_SERVERS, *DESCRIBE_INSTANCES, "drs:ListRecoveryPlans"),
        Permission(
            ("drs:ListRecoveryPlanExecutions", "drs:ListRecoveryPlanSteps", "drs:StartRecoveryPlanExecution"), plans
        ),
        Permission(
            (
                "drs:GetRecoveryPlanExecution",
                "drs:GetRecoveryPlanExecutionStep",
                "drs:ListRecoveryPlanExecutionSteps",
                "drs:RetryRecoveryPlanExecutionStep",
            ),
            executions,
            reason="a plan's execution gets its id when it starts",
        ),
        grant_job_logs(usage),
        *grant_launch(usage, regions),
    ]
