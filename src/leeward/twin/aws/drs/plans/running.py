"""An execution under way: one step after the other, until a step fails, the last one ends, or someone cancels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.model import Job
from leeward.twin.aws.drs.plans.model import ErrorDetail, Execution, ExecutionStep, PlanServer, ServerStep, WaitStep
from leeward.twin.aws.drs.recovery import require_recoverable, start_recovery
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.plugin import AwsError

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import RecoveryPlanExecutionStepStatusType

# The codes of `errorDetail` are not documented. A refused StartRecovery is shown with its own.
LAUNCH_FAILED, TIMED_OUT = "SERVER_LAUNCH_FAILED", "STEP_TIMED_OUT"


class PlanRun:
    """Acts on one execution. It keeps nothing itself: the record says where the execution stands."""

    def __init__(self, region: RegionState, execution: Execution) -> None:
        self._region = region
        self._execution = execution

    def start(self) -> None:
        """The execution is CREATED, and begins shortly."""
        self._later(1, self._proceed)

    def retry(self, step: ExecutionStep) -> None:
        """A failed step once more, in an execution that it had stopped."""
        step.attempt += 1
        step.error = None
        self._resumed()
        self._run(step)

    def skip(self, step: ExecutionStep) -> None:
        """A step that has not started, or has failed, is left out; if it had stopped the execution, that goes on."""
        stopped = step.status == "FAILED"
        self._set(step, "SKIPPED")
        if stopped:
            self._resumed()
            self._proceed()

    def cancel(self) -> None:
        """No further step begins. A job that runs cannot be called back: it is CANCELLED when that job has ended."""
        self._execution.status = "CANCELLING"
        for step in self._execution.steps:
            if step.status in ("NOT_STARTED", "WAITING"):
                self._set(step, "SKIPPED")
        if all(step.status != "EXECUTING" for step in self._execution.steps):
            self._later(self._region.shared.timings.plan_look, self._proceed)

    def _resumed(self) -> None:
        execution = self._execution
        execution.status, execution.error, execution.completed_at = "IN_PROGRESS", None, None

    def _proceed(self) -> None:
        """Whatever comes next."""
        execution = self._execution
        if execution.status == "CANCELLING":
            execution.status, execution.completed_at = "CANCELLED", self._now()
            return
        execution.status = "IN_PROGRESS"
        step = next((s for s in execution.steps if s.status == "NOT_STARTED"), None)
        if step is None:
            execution.status, execution.completed_at = "COMPLETED", self._now()
        else:
            self._run(step)

    def _run(self, step: ExecutionStep) -> None:
        if isinstance(step.configuration, WaitStep):
            self._set(step, "WAITING")
            self._later(step.configuration.minutes * 60, partial(self._done, step))
            return
        self._set(step, "EXECUTING")
        try:
            job = self._start_job(step, step.configuration)
        except AwsError as refused:
            self._stop(step, ErrorDetail(refused.code, refused.message))
            return
        if job is None:
            self._done(step)
            return
        deadline = self._now() + timedelta(seconds=self._region.shared.timings.plan_step_timeout)
        self._look_later(step, job, deadline)

    def _start_job(self, step: ExecutionStep, configuration: ServerStep) -> Job | None:
        """One job for whatever has not launched yet; None when there is nothing to launch. Raises AwsError."""
        wanted = [s for s in configuration.servers if not step.launched(s) and self._may_start(s)]
        if not wanted:
            return None
        pins = [(s.server_id, self._execution.pins.get(s.server_id)) for s in wanted]
        job = start_recovery(self._region, pins, is_drill=self._is_drill, tags={})
        step.jobs.update({s.server_id: job for s in wanted})
        return job

    def _may_start(self, server: PlanServer) -> bool:
        """An OPTIONAL server that cannot be recovered is left out. Raises ConflictException for a CRITICAL one."""
        pin = self._execution.pins.get(server.server_id)
        try:
            require_recoverable(self._region, server.server_id, pin, is_drill=self._is_drill)
        except errors.ConflictException:
            if server.impact == "CRITICAL":
                raise
            return False
        return True

    def _look_later(self, step: ExecutionStep, job: Job, deadline: datetime) -> None:
        self._later(self._region.shared.timings.plan_look, partial(self._look, step, job, deadline))

    def _look(self, step: ExecutionStep, job: Job, deadline: datetime) -> None:
        if job.active and self._now() < deadline:
            self._look_later(step, job, deadline)
        elif job.active:
            self._stop(step, ErrorDetail(TIMED_OUT, f"{job.job_id} has not ended in time"), timed_out=True)
        else:
            self._judge(step)

    def _judge(self, step: ExecutionStep) -> None:
        servers = step.configuration.servers if isinstance(step.configuration, ServerStep) else ()
        failed = [s for s in servers if s.impact == "CRITICAL" and not step.launched(s)]
        if failed:
            self._stop(step, ErrorDetail(LAUNCH_FAILED, "; ".join(self._why(step, server) for server in failed)))
        else:
            self._done(step)

    def _why(self, step: ExecutionStep, server: PlanServer) -> str:
        job = step.jobs.get(server.server_id)
        said = [i.raw_error for i in job.log if i.server_id == server.server_id and i.raw_error] if job else []
        return f"{server.server_id} did not launch: {said[-1] if said else 'the job log gives no reason'}"

    def _done(self, step: ExecutionStep) -> None:
        self._set(step, "COMPLETED")
        self._proceed()

    def _stop(self, step: ExecutionStep, error: ErrorDetail, *, timed_out: bool = False) -> None:
        self._set(step, "TIMED_OUT" if timed_out else "FAILED")
        step.error = error
        execution = self._execution
        execution.turn += 1
        if execution.status == "CANCELLING":
            self._proceed()
            return
        execution.status, execution.completed_at = "FAILED", self._now()
        execution.error = ErrorDetail(error.code, f"Step {step.index} ({step.name}): {error.message}")

    @property
    def _is_drill(self) -> bool:
        return self._execution.mode == "DRILL"

    def _now(self) -> datetime:
        return self._region.seam.now()

    def _later(self, seconds: float, fn: Callable[[], None]) -> None:
        execution = self._execution
        execution.turn += 1
        turn = execution.turn

        def act() -> None:
            if execution.turn == turn:
                fn()

        self._region.seam.later(seconds, act, f"drs {execution.arn.rpartition('/')[2]}")

    def _set(self, step: ExecutionStep, status: RecoveryPlanExecutionStepStatusType) -> None:
        step.status, step.updated_at = status, self._now()
