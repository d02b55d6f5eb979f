"""Writes a step's failure down, in words, before its policy is followed."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.step_failure import (
    BranchResult,
    CaughtError,
    StepFailure,
    failure_from_branches,
    failure_from_error,
)
from leeward.lambdas.runtime.invocation.events import Parameters, StepReportEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event


class FailureParameters(Parameters):
    """What the state machine caught: one error, or how the branches of a wave ended. `policy` is what follows."""

    error: CaughtError | None = None
    branches: list[BranchResult] | None = None
    policy: str

    @model_validator(mode="after")
    def _require_one_source(self) -> Self:
        if (self.error is None) == (self.branches is None):
            raise ValueError("either an error or branches")
        return self


@task(StepReportEvent[FailureParameters])
def handler(event: StepReportEvent[FailureParameters], context: TaskContext) -> StepFailure:
    """Word the failure, and journal it."""
    step, given = event.step, event.parameters
    failure = (
        failure_from_error(step.id, given.error)
        if given.error
        else failure_from_branches(step.id, given.branches or [])
    )
    detail = f"{failure.error}: {failure.cause}"
    facts = {"error": failure.error, "policy": given.policy}
    failed = JournalEntry(context.now, JournalEvent.STEP_FAILED, detail, step.id, step.attempt, facts)
    link = context.journal(event.run.id).write(failed)
    publish_event(context, DomainEventType.STEP_FAILED, event.run, link, step)
    count_run_metrics(event.run, {RunMetric.STEP_FAILED: 1})
    return failure
