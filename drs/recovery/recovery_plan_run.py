"""Run a DRS Recovery Plan: execute it once, follow its steps, and retry the step that it stopped at.

The execution has the run's tags, by which later calls find it. The call that starts it has a client token derived from
the run and the step, so that a lost response doesn't start a second execution. A later attempt of the step continues
the same execution, because a new execution would replace the instances that the first one launched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from leeward.common.aws.clients import translate_errors
from leeward.common.claims.types.server_claims import Launched, LaunchedServer
from leeward.common.errors import AnswerLost, Busy, LaunchFailed, NotReady, ServiceUnavailable
from leeward.common.polling import PollResult
from leeward.drs.api import queries, recovery_plans
from leeward.drs.api.recovery_plans import PlanExecution, PlanExecutionStatus, PlanExecutionStep, PlanStepStatus
from leeward.drs.inventory import recovery_jobs
from leeward.drs.inventory.recovery_instances import (
    Ec2Instance,
    InstanceHealth,
    assess_instance,
    describe_instances,
    earliest_launch,
)
from leeward.drs.inventory.recovery_jobs import RUN_TAG, STEP_TAG
from leeward.drs.launch.server_status import blocks_launch

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_drs.literals import RecoveryPlanExecutionModeType
    from mypy_boto3_ec2 import EC2Client

# The clocks of DRS and Lambda may differ.
_CLOCK_SKEW = timedelta(minutes=5)


class RetryMarker(Protocol):
    """Storage for one short text that outlives a call."""

    def load(self) -> str | None:
        """Return the stored text, or None."""

    def store(self, text: str) -> None:
        """Store the text, replacing an earlier one."""


@dataclass(frozen=True, slots=True)
class RecoveryPlanRun:
    """One execution of a plan by one step of a run. `retry_marker` belongs to this attempt of the step."""

    drs: DrsClient
    drs_no_retry: DrsClient
    ec2: EC2Client
    region: str
    plan: str
    mode: RecoveryPlanExecutionModeType
    run: str
    started_at: datetime
    step: str
    attempt: int
    retry_marker: RetryMarker

    def advance(self) -> PollResult:
        """Start the execution, or check its progress.

        Raises LaunchFailed with the reasons of the failed step, NotReady, or NotFound.
        """
        arn = recovery_plans.resolve_plan_arn(self.drs, self.plan)
        own_executions = [
            execution
            for execution in recovery_plans.list_executions_since(self.drs, arn, self.started_at - _CLOCK_SKEW)
            if execution.tags.get(RUN_TAG) == self.run and execution.tags.get(STEP_TAG) == self.step
        ]
        return self._follow_execution(own_executions[-1]) if own_executions else self._start_execution(arn)

    def _start_execution(self, plan: str) -> PollResult:
        self._require_no_live_instances(plan)
        token = sha256(f"{self.run}#{self.step}".encode()).hexdigest()
        try:
            with translate_errors("drs:StartRecoveryPlanExecution"):
                self.drs_no_retry.start_recovery_plan_execution(
                    recoveryPlanArn=plan,
                    mode=self.mode,
                    clientToken=token,
                    tags={RUN_TAG: self.run, STEP_TAG: self.step},
                )
        except (AnswerLost, ServiceUnavailable, Busy) as error:
            return PollResult(False, f"{error}; looking again")
        return PollResult(False, f"{self.plan} was started as a {self.mode.lower()}")

    def _require_no_live_instances(self, plan: str) -> None:
        """Raise NotReady if a server has a live recovery instance, which the plan would replace without asking."""
        instances = queries.list_recovery_instances(self.drs, recovery_plans.list_plan_servers(self.drs, plan))
        ec2_instances = describe_instances(self.ec2, [i.ec2_instance for i in instances])
        live = [f"{i.server}: {i.ec2_instance}" for i in instances if blocks_launch(i, ec2_instances)]
        if live:
            raise NotReady(
                f"{self.plan} would replace live recovery instances: {'; '.join(live)}. Terminate them first"
            )

    def _follow_execution(self, execution: PlanExecution) -> PollResult:
        steps = recovery_plans.list_steps(self.drs, execution.arn)
        stopped = next((step for step in steps if step.has_failed), None)
        under_way = any(step.status in (PlanStepStatus.EXECUTING, PlanStepStatus.WAITING) for step in steps)
        progress_text = f"{self.plan}: " + "; ".join(f"{step.name} {step.status.value}" for step in steps)
        match execution.status:
            case PlanExecutionStatus.COMPLETED:
                return self._check_instances_up(steps, progress_text)
            case PlanExecutionStatus.CANCELLED:
                raise LaunchFailed(f"{progress_text}: the execution was cancelled")
            case PlanExecutionStatus.FAILED if stopped is None:
                why = execution.error.message if execution.error else "DRS gives no reason"
                raise LaunchFailed(f"{progress_text}: {why}")
            case _ if stopped is not None and not under_way:
                return self._retry_step(stopped, progress_text)
            case _:
                return PollResult(False, progress_text)

    def _retry_step(self, stopped: PlanExecutionStep, progress_text: str) -> PollResult:
        """Retry the step of the plan once per attempt of the run's step.

        Raises LaunchFailed in the first attempt, and if the retry has failed too.
        """
        step = recovery_plans.get_step(self.drs, stopped.arn)
        marker = f"{step.arn}#{step.attempt}"
        stored_marker = self.retry_marker.load() if self.attempt > 1 else None
        if self.attempt == 1 or stored_marker not in (None, marker):
            raise LaunchFailed(f"{progress_text}: {self._failure_reasons(stopped)}")
        # Store the marker first. If the response is lost, the step's attempt shows whether DRS retried it.
        self.retry_marker.store(marker)
        try:
            with translate_errors("drs:RetryRecoveryPlanExecutionStep"):
                self.drs_no_retry.retry_recovery_plan_execution_step(recoveryPlanExecutionStepArn=step.arn)
        except (AnswerLost, ServiceUnavailable, Busy) as error:
            return PollResult(False, f"{progress_text}: {error}; looking again")
        return PollResult(False, f"{progress_text}: retrying {step.name}")

    def _failure_reasons(self, step: PlanExecutionStep) -> str:
        server_jobs = [(server.job, server.id) for server in step.servers if server.job]
        known = {job.id: job for job in queries.get_jobs(self.drs, sorted({job for job, _ in server_jobs}))}
        failed = [
            (job, server)
            for job, server in server_jobs
            if job in known and (part := known[job].participant(server)) and part.launch_status != "LAUNCHED"
        ]
        each = [f"{server}: {why}" for server, why in recovery_jobs.failure_reasons(self.drs, failed).items()]
        step_error = [f"{step.error.code}: {step.error.message}"] if step.error else []
        return f"step {step.name} {step.status.value}: {'; '.join(each or step_error) or 'DRS gives no reason'}"

    def _check_instances_up(self, steps: Sequence[PlanExecutionStep], progress_text: str) -> PollResult:
        """Return whether the instances of a completed execution are up, because completed means only launched."""
        by_server = {server.id: server for step in steps for server in step.servers if server.job}
        launched = [
            instance
            for instance in queries.list_recovery_instances(self.drs, sorted(by_server))
            if instance.job == by_server[instance.server].job
        ]
        shown = {instance.server for instance in launched}
        missing = [s.id for s in by_server.values() if s.impact == "CRITICAL" and s.id not in shown]
        ec2_instances = describe_instances(self.ec2, [i.ec2_instance for i in launched])
        assessed = [assess_instance(i, ec2_instances.get(i.ec2_instance)) for i in launched]
        not_up = [why for health, why in assessed if health is not InstanceHealth.READY]
        if missing or not_up:
            waiting = [f"{server}: its instance is not shown" for server in missing] + not_up
            return PollResult(False, f"{progress_text}; {'; '.join(waiting)}")
        instances = {instance.server: instance.ec2_instance for instance in launched}
        servers = tuple(
            LaunchedServer(
                id=server.id,
                instance=instances.get(server.id),
                job=server.job,
                launched_at=_launch_time(ec2_instances.get(instances.get(server.id, ""))),
                reason="" if server.id in instances else "its instance is not shown",
            )
            for server in by_server.values()
        )
        since = earliest_launch(ec2_instances, list(instances.values()))
        notes = tuple(f"{step.name} {step.status.value}" for step in steps)
        claim = Launched(group=self.plan, region=self.region, servers=servers, since=since, notes=notes)
        return PollResult.reached(claim)


def _launch_time(instance: Ec2Instance | None) -> str | None:
    return instance.launched_at.isoformat() if instance is not None and instance.launched_at else None
