"""Recover by one of DRS's own Recovery Plans: execute it once, follow its steps, retry the one that it stopped at.

The execution carries the run's tags and is found again by them; the call that starts it carries a token that follows
from run and step, so that a lost answer starts no second one. A later attempt of the step goes on with the same
execution: a new one would replace what the first has launched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import AnswerLost, Busy, LaunchFailed, NotReady, ServiceUnavailable
from leeward.common.polling import PollResult
from leeward.drs.api import queries, recovery_plans
from leeward.drs.api.recovery_plans import PlanExecution, PlanExecutionStatus, PlanExecutionStep, PlanStepStatus
from leeward.drs.inventory import recovery_jobs
from leeward.drs.inventory.recovery_instances import (
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

# The service's clock and ours may differ.
_CLOCK_SKEW = timedelta(minutes=5)


class RetryMarker(Protocol):
    """One short text that outlives a call."""

    def load(self) -> str | None:
        """The text, if any was kept."""

    def store(self, text: str) -> None:
        """Keep it, in place of an earlier one."""


@dataclass(frozen=True, slots=True)
class RecoveryPlanRun:
    """One execution of a plan by one step of a run. `once` sends each call once. `retry` is of this very attempt."""

    drs: DrsClient
    drs_no_retry: DrsClient
    ec2: EC2Client
    plan: str
    mode: RecoveryPlanExecutionModeType
    run: str
    started_at: datetime
    step: str
    attempt: int
    retry_marker: RetryMarker

    def advance(self) -> PollResult:
        """Start it, or look how far it is. Raises LaunchFailed with the failed step's reasons, NotReady, NotFound."""
        arn = recovery_plans.resolve_plan_arn(self.drs, self.plan)
        ours = [
            execution
            for execution in recovery_plans.list_executions_since(self.drs, arn, self.started_at - _CLOCK_SKEW)
            if execution.tags.get(RUN_TAG) == self.run and execution.tags.get(STEP_TAG) == self.step
        ]
        return self._follow_execution(ours[-1]) if ours else self._start_execution(arn)

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
        """A plan asks nobody before it replaces a live recovery instance: we do."""
        instances = queries.list_recovery_instances(self.drs, recovery_plans.list_plan_servers(self.drs, plan))
        seen = describe_instances(self.ec2, [i.ec2_instance for i in instances]) if instances else {}
        live = [f"{i.server}: {i.ec2_instance}" for i in instances if blocks_launch(i, seen)]
        if live:
            raise NotReady(
                f"{self.plan} would replace live recovery instances: {'; '.join(live)}. Terminate them first"
            )

    def _follow_execution(self, execution: PlanExecution) -> PollResult:
        steps = recovery_plans.list_steps(self.drs, execution.arn)
        stopped = next((step for step in steps if step.has_failed), None)
        under_way = any(step.status in (PlanStepStatus.EXECUTING, PlanStepStatus.WAITING) for step in steps)
        told = f"{self.plan}: " + "; ".join(f"{step.name} {step.status.value}" for step in steps)
        match execution.status:
            case PlanExecutionStatus.COMPLETED:
                return self._check_instances_up(steps, told)
            case PlanExecutionStatus.CANCELLED:
                raise LaunchFailed(f"{told}: the execution was cancelled")
            case PlanExecutionStatus.FAILED if stopped is None:
                why = execution.error.message if execution.error else "DRS gives no reason"
                raise LaunchFailed(f"{told}: {why}")
            case _ if stopped is not None and not under_way:
                return self._retry_step(stopped, told)
            case _:
                return PollResult(False, told)

    def _retry_step(self, stopped: PlanExecutionStep, progress_text: str) -> PollResult:
        """Have the step done again, once per attempt of ours. Raises LaunchFailed in the first, and after it."""
        seen = recovery_plans.get_step(self.drs, stopped.arn)
        before = f"{seen.arn}#{seen.attempt}"
        kept = self.retry_marker.load() if self.attempt > 1 else None
        if self.attempt == 1 or kept not in (None, before):
            raise LaunchFailed(f"{progress_text}: {self._failure_reasons(stopped)}")
        # Written down first: when the answer is lost, the step's own count says whether it was carried out.
        self.retry_marker.store(before)
        try:
            with translate_errors("drs:RetryRecoveryPlanExecutionStep"):
                self.drs_no_retry.retry_recovery_plan_execution_step(recoveryPlanExecutionStepArn=seen.arn)
        except (AnswerLost, ServiceUnavailable, Busy) as error:
            return PollResult(False, f"{progress_text}: {error}; looking again")
        return PollResult(False, f"{progress_text}: {seen.name} is done again")

    def _failure_reasons(self, step: PlanExecutionStep) -> str:
        named = [(server.job, server.id) for server in step.servers if server.job]
        known = {job.id: job for job in queries.get_jobs(self.drs, sorted({job for job, _ in named}))}
        failed = [
            (job, server)
            for job, server in named
            if job in known and (part := known[job].participant(server)) and part.launch_status != "LAUNCHED"
        ]
        each = [f"{server}: {why}" for server, why in recovery_jobs.failure_reasons(self.drs, failed).items()]
        said = [f"{step.error.code}: {step.error.message}"] if step.error else []
        return f"step {step.name} {step.status.value}: {'; '.join(each or said) or 'DRS gives no reason'}"

    def _check_instances_up(self, steps: Sequence[PlanExecutionStep], progress_text: str) -> PollResult:
        """Completed means launched; done means that the machines are up."""
        by_server = {server.id: server for step in steps for server in step.servers if server.job}
        found = [
            instance
            for instance in queries.list_recovery_instances(self.drs, sorted(by_server))
            if instance.job == by_server[instance.server].job
        ]
        shown = {instance.server for instance in found}
        missing = [s.id for s in by_server.values() if s.impact == "CRITICAL" and s.id not in shown]
        seen = describe_instances(self.ec2, [instance.ec2_instance for instance in found]) if found else {}
        judged = [assess_instance(instance, seen.get(instance.ec2_instance)) for instance in found]
        not_up = [why for health, why in judged if health is not InstanceHealth.READY]
        if missing or not_up:
            waiting = [f"{server}: its instance is not shown" for server in missing] + not_up
            return PollResult(False, f"{progress_text}; {'; '.join(waiting)}")
        instances = {instance.server: instance.ec2_instance for instance in found}
        facts = {"instances": instances, "since": earliest_launch(seen, list(instances.values()))}
        return PollResult(True, f"{progress_text}; {len(instances)} servers up", facts)
