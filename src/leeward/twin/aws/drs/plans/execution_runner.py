"""Runs a Recovery Plan execution, one step after another, until it completes, fails, or is canceled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.jobs.recovery_job import require_recoverable, start_recovery
from leeward.twin.aws.drs.plans.plan_records import (
    ErrorDetail,
    ExecutionStep,
    PlanServer,
    ServerStep,
    SimulatedPlanExecution,
    WaitStep,
)
from leeward.twin.aws.drs.state.drs_records import Job
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.service_framework.service_plugin import AwsError

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import RecoveryPlanExecutionStepStatusType

# AWS doesn't document the codes of `errorDetail`. A rejected StartRecovery is reported with its own code.
LAUNCH_FAILED, TIMED_OUT = "SERVER_LAUNCH_FAILED", "STEP_TIMED_OUT"


class PlanExecutionRunner:
    """Runs one execution. It has no state of its own: the execution record contains the progress."""

    def __init__(self, region: DrsRegionState, execution: SimulatedPlanExecution) -> None:
        self._region = region
        self._execution = execution

    def start(self) -> None:
        """Schedule the first step. The execution is CREATED until then."""
        self._call_later(1, self._run_next_step)

    def retry(self, step: ExecutionStep) -> None:
        """Run a failed step again, and resume its execution."""
        step.attempt += 1
        step.error = None
        self._mark_resumed()
        self._run_step(step)

    def skip(self, step: ExecutionStep) -> None:
        """Skip a step that hasn't started or has failed. Skipping a failed step resumes the execution."""
        had_failed = step.status == "FAILED"
        self._set_status(step, "SKIPPED")
        if had_failed:
            self._mark_resumed()
            self._run_next_step()

    def cancel(self) -> None:
        """Skip the remaining steps. The execution is CANCELLED after the running job ends, which can't be stopped."""
        self._execution.status = "CANCELLING"
        for step in self._execution.steps:
            if step.status in ("NOT_STARTED", "WAITING"):
                self._set_status(step, "SKIPPED")
        if all(step.status != "EXECUTING" for step in self._execution.steps):
            self._call_later(self._region.shared.timings.plan_poll, self._run_next_step)

    def _mark_resumed(self) -> None:
        execution = self._execution
        execution.status, execution.error, execution.completed_at = "IN_PROGRESS", None, None

    def _run_next_step(self) -> None:
        """Run the next step, or end the execution."""
        execution = self._execution
        if execution.status == "CANCELLING":
            execution.status, execution.completed_at = "CANCELLED", self._now()
            return
        execution.status = "IN_PROGRESS"
        step = next((s for s in execution.steps if s.status == "NOT_STARTED"), None)
        if step is None:
            execution.status, execution.completed_at = "COMPLETED", self._now()
        else:
            self._run_step(step)

    def _run_step(self, step: ExecutionStep) -> None:
        if isinstance(step.configuration, WaitStep):
            self._set_status(step, "WAITING")
            self._call_later(step.configuration.minutes * 60, partial(self._complete_step, step))
            return
        self._set_status(step, "EXECUTING")
        try:
            job = self._start_job(step, step.configuration)
        except AwsError as error:
            self._fail_step(step, ErrorDetail(error.code, error.message))
            return
        if job is None:
            self._complete_step(step)
            return
        deadline = self._now() + timedelta(seconds=self._region.shared.timings.plan_step_timeout)
        self._poll_job_later(step, job, deadline)

    def _start_job(self, step: ExecutionStep, configuration: ServerStep) -> Job | None:
        """Start one job for the servers that haven't launched, or return None if there are none. Raises AwsError."""
        wanted = [s for s in configuration.servers if not step.has_launched(s) and self._can_start(s)]
        if not wanted:
            return None
        pins = [(s.server_id, self._execution.pins.get(s.server_id)) for s in wanted]
        job = start_recovery(self._region, pins, is_drill=self._is_drill, tags={})
        step.jobs.update({s.server_id: job for s in wanted})
        return job

    def _can_start(self, server: PlanServer) -> bool:
        """Return whether the server can be recovered. Raises ConflictException if a CRITICAL server can't."""
        pin = self._execution.pins.get(server.server_id)
        try:
            require_recoverable(self._region, server.server_id, pin, is_drill=self._is_drill)
        except drs_errors.ConflictException:
            if server.impact == "CRITICAL":
                raise
            return False
        return True

    def _poll_job_later(self, step: ExecutionStep, job: Job, deadline: datetime) -> None:
        self._call_later(self._region.shared.timings.plan_poll, partial(self._poll_job, step, job, deadline))

    def _poll_job(self, step: ExecutionStep, job: Job, deadline: datetime) -> None:
        if job.is_active and self._now() < deadline:
            self._poll_job_later(step, job, deadline)
        elif job.is_active:
            self._fail_step(step, ErrorDetail(TIMED_OUT, f"{job.job_id} has not ended in time"), timed_out=True)
        else:
            self._finish_step(step)

    def _finish_step(self, step: ExecutionStep) -> None:
        servers = step.configuration.servers if isinstance(step.configuration, ServerStep) else ()
        failed = [s for s in servers if s.impact == "CRITICAL" and not step.has_launched(s)]
        if failed:
            self._fail_step(
                step, ErrorDetail(LAUNCH_FAILED, "; ".join(self._failure_reason(step, server) for server in failed))
            )
        else:
            self._complete_step(step)

    def _failure_reason(self, step: ExecutionStep, server: PlanServer) -> str:
        job = step.jobs.get(server.server_id)
        raw_errors = [i.raw_error for i in job.log if i.server_id == server.server_id and i.raw_error] if job else []
        return f"{server.server_id} did not launch: {raw_errors[-1] if raw_errors else 'the job log gives no reason'}"

    def _complete_step(self, step: ExecutionStep) -> None:
        self._set_status(step, "COMPLETED")
        self._run_next_step()

    def _fail_step(self, step: ExecutionStep, error: ErrorDetail, *, timed_out: bool = False) -> None:
        self._set_status(step, "TIMED_OUT" if timed_out else "FAILED")
        step.error = error
        execution = self._execution
        execution.generation += 1
        if execution.status == "CANCELLING":
            self._run_next_step()
            return
        execution.status, execution.completed_at = "FAILED", self._now()
        execution.error = ErrorDetail(error.code, f"Step {step.index} ({step.name}): {error.message}")

    @property
    def _is_drill(self) -> bool:
        return self._execution.mode == "DRILL"

    def _now(self) -> datetime:
        return self._region.hooks.now()

    def _call_later(self, seconds: float, fn: Callable[[], None]) -> None:
        execution = self._execution
        execution.generation += 1
        generation = execution.generation

        def act() -> None:
            if execution.generation == generation:
                fn()

        self._region.hooks.call_later(seconds, act, f"drs {execution.arn.rpartition('/')[2]}")

    def _set_status(self, step: ExecutionStep, status: RecoveryPlanExecutionStepStatusType) -> None:
        step.status, step.updated_at = status, self._now()
