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

from leeward.common.aws import naming_errors
from leeward.common.errors import AnswerLost, Busy, LaunchFailed, NotReady, ServiceUnavailable
from leeward.common.polling import Look
from leeward.drs import calls, jobs, plans
from leeward.drs.instances import Health, assess, machines, since
from leeward.drs.jobs import RUN, STEP
from leeward.drs.plans import Execution, ExecutionStatus, ExecutionStep, StepStatus
from leeward.drs.standing import stands_in_the_way

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_drs.literals import RecoveryPlanExecutionModeType
    from mypy_boto3_ec2 import EC2Client

# The service's clock and ours may differ.
_SKEW = timedelta(minutes=5)


class Memory(Protocol):
    """One short text that outlives a call."""

    def recall(self) -> str | None:
        """The text, if any was kept."""

    def keep(self, text: str) -> None:
        """Keep it, in place of an earlier one."""


@dataclass(frozen=True, slots=True)
class PlanRun:
    """One execution of a plan by one step of a run. `once` sends each call once. `retry` is of this very attempt."""

    drs: DrsClient
    once: DrsClient
    ec2: EC2Client
    plan: str
    mode: RecoveryPlanExecutionModeType
    run: str
    started_at: datetime
    step: str
    attempt: int
    retry: Memory

    def look(self) -> Look:
        """Start it, or look how far it is. Raises LaunchFailed with the failed step's reasons, NotReady, NotFound."""
        arn = plans.plan_arn(self.drs, self.plan)
        ours = [
            execution
            for execution in plans.executions_since(self.drs, arn, self.started_at - _SKEW)
            if execution.tags.get(RUN) == self.run and execution.tags.get(STEP) == self.step
        ]
        return self._follow(ours[-1]) if ours else self._start(arn)

    def _start(self, plan: str) -> Look:
        self._require_free(plan)
        token = sha256(f"{self.run}#{self.step}".encode()).hexdigest()
        try:
            with naming_errors("drs:StartRecoveryPlanExecution"):
                self.once.start_recovery_plan_execution(
                    recoveryPlanArn=plan, mode=self.mode, clientToken=token, tags={RUN: self.run, STEP: self.step}
                )
        except (AnswerLost, ServiceUnavailable, Busy) as error:
            return Look(False, f"{error}; looking again")
        return Look(False, f"{self.plan} was started as a {self.mode.lower()}")

    def _require_free(self, plan: str) -> None:
        """A plan asks nobody before it replaces a live recovery instance: we do."""
        instances = calls.recovery_instances(self.drs, plans.servers_of(self.drs, plan))
        seen = machines(self.ec2, [i.ec2_instance for i in instances]) if instances else {}
        live = [f"{i.server}: {i.ec2_instance}" for i in instances if stands_in_the_way(i, seen)]
        if live:
            raise NotReady(
                f"{self.plan} would replace live recovery instances: {'; '.join(live)}. Terminate them first"
            )

    def _follow(self, execution: Execution) -> Look:
        steps = plans.steps_of(self.drs, execution.arn)
        stopped = next((step for step in steps if step.failed), None)
        under_way = any(step.status in (StepStatus.EXECUTING, StepStatus.WAITING) for step in steps)
        told = f"{self.plan}: " + "; ".join(f"{step.name} {step.status.value}" for step in steps)
        match execution.status:
            case ExecutionStatus.COMPLETED:
                return self._up(steps, told)
            case ExecutionStatus.CANCELLED:
                raise LaunchFailed(f"{told}: the execution was cancelled")
            case ExecutionStatus.FAILED if stopped is None:
                why = execution.error.message if execution.error else "DRS gives no reason"
                raise LaunchFailed(f"{told}: {why}")
            case _ if stopped is not None and not under_way:
                return self._retry(stopped, told)
            case _:
                return Look(False, told)

    def _retry(self, stopped: ExecutionStep, told: str) -> Look:
        """Have the step done again, once per attempt of ours. Raises LaunchFailed in the first, and after it."""
        seen = plans.step(self.drs, stopped.arn)
        before = f"{seen.arn}#{seen.attempt}"
        kept = self.retry.recall() if self.attempt > 1 else None
        if self.attempt == 1 or kept not in (None, before):
            raise LaunchFailed(f"{told}: {self._reasons(stopped)}")
        # Written down first: when the answer is lost, the step's own count says whether it was carried out.
        self.retry.keep(before)
        try:
            with naming_errors("drs:RetryRecoveryPlanExecutionStep"):
                self.once.retry_recovery_plan_execution_step(recoveryPlanExecutionStepArn=seen.arn)
        except (AnswerLost, ServiceUnavailable, Busy) as error:
            return Look(False, f"{told}: {error}; looking again")
        return Look(False, f"{told}: {seen.name} is done again")

    def _reasons(self, step: ExecutionStep) -> str:
        named = [(server.job, server.id) for server in step.servers if server.job]
        known = {job.id: job for job in calls.jobs_by_id(self.drs, sorted({job for job, _ in named}))}
        failed = [
            (job, server)
            for job, server in named
            if job in known and (part := known[job].participant(server)) and part.launch_status != "LAUNCHED"
        ]
        each = [f"{server}: {why}" for server, why in jobs.reasons(self.drs, failed).items()]
        said = [f"{step.error.code}: {step.error.message}"] if step.error else []
        return f"step {step.name} {step.status.value}: {'; '.join(each or said) or 'DRS gives no reason'}"

    def _up(self, steps: Sequence[ExecutionStep], told: str) -> Look:
        """Completed means launched; done means that the machines are up."""
        by_server = {server.id: server for step in steps for server in step.servers if server.job}
        found = [
            instance
            for instance in calls.recovery_instances(self.drs, sorted(by_server))
            if instance.job == by_server[instance.server].job
        ]
        shown = {instance.server for instance in found}
        missing = [s.id for s in by_server.values() if s.impact == "CRITICAL" and s.id not in shown]
        seen = machines(self.ec2, [instance.ec2_instance for instance in found]) if found else {}
        judged = [assess(instance, seen.get(instance.ec2_instance)) for instance in found]
        not_up = [why for health, why in judged if health is not Health.READY]
        if missing or not_up:
            waiting = [f"{server}: its instance is not shown" for server in missing] + not_up
            return Look(False, f"{told}; {'; '.join(waiting)}")
        instances = {instance.server: instance.ec2_instance for instance in found}
        facts = {"instances": instances, "since": since(seen, list(instances.values()))}
        return Look(True, f"{told}; {len(instances)} servers up", facts)
